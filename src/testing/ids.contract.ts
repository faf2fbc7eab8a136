import { strict as assert } from 'node:assert';
import {
  type ChatId,
  chatIdOf,
  type MessageId,
  messageIdOf,
  promiseId,
  type TurnId,
  turnId,
  type UserId,
  userIdOf,
} from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, buildOutboxDraft, buildPromise, buildRecord, buildTurn, START } from './builders.ts';
import type { Contract } from './contract.ts';

interface Place {
  readonly chat: ChatId;
  readonly message: MessageId;
  readonly user: UserId;
}

const place = (gateway: string, room: string, message: string, user: string, thread?: string): Place => ({
  chat: chatIdOf(gateway, room, thread),
  message: messageIdOf(gateway, message),
  user: userIdOf(gateway, user),
});

/** As platforms name chats, messages and people: by 64-bit numbers, by times, by texts in which `:` is escaped. */
const PLACES: readonly Place[] = [
  place('telegram', '-1001234567890', '7', '501'),
  place('telegram', '-1001234567890', '7', '501', '500'),
  place('discord', '1099511627776123456', '1099511627776123457', '9223372036854775807', '1099511627776123458'),
  place('slack', 'C012AB3CD', '1700000000.000100', 'U061F7AUR'),
  place('matrix', '!opaque:example.org', '$event:example.org', '@ada:example.org', '$root'),
];
/** Two gateways that name all of it by the same numbers. */
const TWINS = [place('telegram', '501', '1', '501'), place('other', '501', '1', '501')] as const;

/** One thing of each kind in that place, the same words everywhere. */
const write = async ({ stores }: Storage, { chat, message, user }: Place, n: number): Promise<void> => {
  const { messages, conversations, turns, outbox, promises } = stores;
  const sender = { id: user, username: 'ada', kind: 'person' } as const;
  assert.equal(
    await messages.add(buildRecord({ chatId: chat, messageId: message, sender, replyTo: message, replied: { quote: 'it' } })),
    true,
  );
  await conversations.append([buildEntry('', { chatId: chat, step: { role: 'person', name: 'Ada', text: 'hi', messageId: message } })]);
  await turns.add(buildTurn({ id: turnOf(n), chatId: chat }));
  const draft = { chatId: chat, replyTo: message, answers: [message], dedupeKey: `turn:${turnOf(n)}` };
  assert.equal(await outbox.add(buildOutboxDraft(draft)), true);
  const asked = { chatId: chat, messageId: message, requestedBy: { id: user }, tenant: chat };
  await promises.add([buildPromise({ id: promiseId(n), ...asked, idempotencyKey: 'nightly' })]);
};
const turnOf = (n: number): TurnId => turnId(`t${n}`);

/** The law of ids, for every store: a text that belongs to one gateway. */
export const idsContract: Contract<Storage> = {
  'ids of every platform come back as they are': async (storage) => {
    for (const [at, each] of PLACES.entries()) await write(storage, each, at + 1);
    const { messages, conversations, turns, outbox, promises } = storage.stores;
    for (const [at, { chat, message, user }] of PLACES.entries()) {
      const stored = await messages.get(chat, message);
      assert.deepEqual([stored?.message.chat.id, stored?.message.replyTo, stored?.message.sender.id], [chat, message, user]);
      assert.deepEqual([...(await messages.senders(chat, [message])).keys()], [message]);
      assert.deepEqual(
        (await conversations.recent(chat, 9)).map(({ step }) => step.role === 'person' && step.messageId),
        [message],
      );
      assert.equal((await turns.get(turnOf(at + 1)))?.chatId, chat);
      const [answer, ...others] = await outbox.answering(chat, message);
      assert.deepEqual([answer?.chatId, answer?.replyTo, answer?.answers, others], [chat, message, [message], []]);
      const promise = await promises.findByKey(chat, 'nightly');
      assert.deepEqual([promise?.id, promise?.chatId, promise?.messageId, promise?.requestedBy.id], [at + 1, chat, message, user]);
    }
    assert.deepEqual(new Set(await messages.chatsWithOpen()), new Set(PLACES.map(({ chat }) => chat)));
    assert.equal((await outbox.due(START, 99)).length, PLACES.length);
  },

  'a sent message is known by the id that its platform gave it': async ({ stores: { outbox } }) => {
    for (const [at, { chat }] of PLACES.entries()) await outbox.add(buildOutboxDraft({ chatId: chat, dedupeKey: `${at}`, answers: [] }));
    for (const item of await outbox.due(START, 99)) {
      const { message } = PLACES.find(({ chat }) => chat === item.chatId) as Place;
      await outbox.markSent(item.id, message, START + 1);
      assert.deepEqual(await outbox.sentAs(item.chatId, message), await outbox.get(item.id));
    }
  },

  'two gateways that use the same numbers never meet': async (storage) => {
    for (const [at, each] of TWINS.entries()) await write(storage, each, at + 1);
    const { messages, conversations, outbox, promises, usernames } = storage.stores;
    const [ours, theirs] = TWINS;
    assert.deepEqual(
      (await messages.withIds([ours.message])).map(({ message }) => message.chat.id),
      [ours.chat],
    );
    assert.deepEqual(await messages.chatsQuoting([theirs.message]), [theirs.chat]);
    assert.equal(await messages.add(buildRecord({ chatId: theirs.chat, messageId: theirs.message })), false);
    assert.deepEqual(await conversations.chatsAbout([ours.message]), [ours.chat]);
    await conversations.erase(ours.chat, [ours.message, theirs.message]);
    assert.equal((await conversations.recent(theirs.chat, 9)).length, 1);
    assert.equal((await outbox.answering(ours.chat, theirs.message)).length, 0);
    assert.equal((await outbox.due(START, 9)).length, 2, 'neither waits for the other');
    assert.deepEqual(
      [(await promises.findByKey(ours.chat, 'nightly'))?.id, (await promises.findByKey(theirs.chat, 'nightly'))?.id],
      [1, 2],
    );
    assert.deepEqual([await promises.countOpen(ours.chat), await promises.countOpen(theirs.chat)], [1, 1]);
    await usernames.pin('telegram:ada', ours.user);
    assert.equal(await usernames.pinned('other:ada'), undefined);
    await usernames.pin('other:ada', theirs.user);
    assert.deepEqual([await usernames.pinned('telegram:ada'), await usernames.pinned('other:ada')], [ours.user, theirs.user]);
  },

  'threads of one room never meet, and what one sends does not wait for the other': async (storage) => {
    const [room, thread] = PLACES as readonly [Place, Place];
    await write(storage, room, 1);
    await write(storage, thread, 2);
    const { messages, conversations, outbox, promises } = storage.stores;
    for (const { chat } of [room, thread]) {
      assert.equal((await messages.open(chat, 9)).length, 1);
      assert.equal((await conversations.recent(chat, 9)).length, 1);
      assert.equal(await promises.countOpen(chat), 1);
    }
    assert.equal((await outbox.due(START, 9)).length, 2);
  },
};
