import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { makeMemoryChangeFeed } from '../../src/adapters/memory/index.ts';
import { makeMovedChats } from '../../src/application/chats/moved-chats.ts';
import { makeOutboxDeliverer } from '../../src/application/outbox/deliver-outbox.ts';
import { makeSendLimiter } from '../../src/application/outbox/send-limiter.ts';
import { OPERATOR_ID, promiseId, SELF_PING_CHAT, scheduleId, turnId, userId } from '../../src/domain/index.ts';
import { type Storage, silentEvents } from '../../src/ports/index.ts';
import {
  buildEntry,
  buildOutboxDraft,
  buildRecord,
  buildSchedule,
  buildTurn,
  makeFixedClock,
  makeRecordingGateway,
  START,
  telegramUser,
} from '../../src/testing/index.ts';
import {
  ADA,
  CONVERSATIONS,
  ended,
  GROUP,
  LOCAL,
  l,
  MESSAGES,
  m,
  NEW,
  OLD,
  OUTBOX,
  PROMISES,
  RAILWAY,
  STATE,
  TRANSCRIPT,
} from './former-house-rows.ts';

/** The last migration of the version whose ids were numbers. */
export const FORMER = 'MessagesByQuoted1763820000000';

const ROWS = readFileSync(new URL('./former-house.sql', import.meta.url), 'utf8')
  .split(/;\n(?=INSERT|$)/)
  .filter(Boolean);
/** What that version has stored, by its own stores: a row for each thing that it could store. */
export const FORMER_SQLITE = [
  ...ROWS,
  `UPDATE counters SET value = CASE name WHEN 'promise' THEN 9 ELSE 2 END WHERE name IN ('promise', 'schedule')`,
];
export const FORMER_POSTGRES = [
  ...ROWS,
  `SELECT setval('promise_numbers', 9), setval('schedule_numbers', 2)`,
  ...['conversation', 'outbox'].map((table) => `SELECT setval(pg_get_serial_sequence('${table}', 'id'), max(id)) FROM ${table}`),
  `SELECT setval(pg_get_serial_sequence('local_messages', 'position'), max(position)) FROM local_messages`,
];

/** Everything that the former version has stored is there, under ids that name their gateway. */
export const expectFormerHouse = async ({ stores, transcript, state }: Storage): Promise<void> => {
  const { messages, conversations, turns, outbox, promises, schedules, usernames, chatMoves } = stores;
  for (const expected of MESSAGES) assert.deepEqual(await messages.get(expected.message.chat.id, expected.message.messageId), expected);
  assert.deepEqual(await messages.stats(), { open: 4, denied: 1, ignored: 1, remembered: 1, answered: 3, failed: 1 });
  const open = async (chat: typeof ADA) => (await messages.open(chat, 9)).map(({ message }) => message.messageId);
  assert.deepEqual(await Promise.all([ADA, GROUP, LOCAL].map(open)), [[m(3), m(12)], [m(7)], [l(3)]]);
  assert.deepEqual(
    (await messages.withIds([m(4)])).map(({ message }) => message.messageId),
    [m(3)],
  );
  assert.deepEqual(await messages.chatsQuoting([m(1)]), [ADA]);

  assert.deepEqual(await promises.find({ limit: 99 }), PROMISES);
  assert.deepEqual(await promises.findByKey(ADA, 'k1'), PROMISES[0]);
  assert.deepEqual(await schedules.find({ limit: 9 }), [ended(), buildSchedule({ id: scheduleId(1), ...RAILWAY })]);
  for (const [chat, steps] of CONVERSATIONS)
    assert.deepEqual(
      (await conversations.recent(chat, 9)).map(({ step }) => step),
      steps,
    );
  assert.deepEqual((await conversations.recent(ADA, 9))[3], buildEntry('', { turnId: turnId('t1'), step: CONVERSATIONS[0][1][3] }));
  assert.deepEqual(await conversations.chatsAbout([m(1), m(5)]), [GROUP, ADA]);
  assert.deepEqual(await turns.get(turnId('t2')), buildTurn({ id: turnId('t2'), chatId: LOCAL, endedAt: START + 5 }));
  assert.equal((await turns.usage(NEW, START)).turns, 1);

  for (const expected of OUTBOX) assert.deepEqual(await outbox.get(expected.id), expected);
  assert.deepEqual(
    (await outbox.answering(GROUP, m(5))).map(({ id }) => Number(id)),
    [4],
  );
  assert.equal((await outbox.sentAs(ADA, m(31)))?.id, 1);
  assert.deepEqual(
    await outbox.addMany(OUTBOX.map(({ dedupeKey }) => buildOutboxDraft({ dedupeKey }))),
    OUTBOX.map(() => false),
  );

  assert.deepEqual(await transcript.list(LOCAL, 0, 9), TRANSCRIPT);
  assert.deepEqual(await transcript.unreceived(9), [TRANSCRIPT[3]]);
  assert.equal((await transcript.list(SELF_PING_CHAT, 0, 9))[0]?.messageId, l(1));
  for (const [owner, entries] of Object.entries(STATE)) assert.deepEqual(Object.fromEntries(await state(owner).list('')), entries, owner);
  assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
  assert.equal(await usernames.pinned('telegram:ops'), OPERATOR_ID);
  assert.equal(await usernames.pinned('grace'), undefined);
  assert.deepEqual(await chatMoves.list(), [{ from: OLD, to: NEW, at: START + 500 }]);
};

/** It goes on where it was: numbers are not given twice, what was posted is known, and work is taken up. */
export const expectToGoOn = async ({ stores, transcript, queue }: Storage): Promise<void> => {
  const { messages, conversations, outbox, promises } = stores;
  const { messageId, sequence, ...first } = TRANSCRIPT[0] as { messageId: string; sequence: number };
  assert.deepEqual(await transcript.post({ ...first, randomId: '501501' } as never), { messageId, sequence, ...first });
  assert.equal((await transcript.post({ ...first, randomId: 'new' } as never)).messageId, l(5));
  assert.deepEqual(await promises.reserveIds(1), [promiseId(10)]);
  assert.equal(await outbox.add(buildOutboxDraft({ dedupeKey: 'new', createdAt: START + 60_000 })), true);
  assert.deepEqual(
    (await outbox.answering(ADA, m(1))).map(({ id }) => Number(id) > 10),
    [false, true],
  );
  await messages.add(buildRecord({ messageId: m(5) }));
  assert.deepEqual(
    (await messages.open(ADA, 9)).map(({ message }) => message.messageId),
    [m(3), m(12), m(5)],
  );
  await conversations.append([buildEntry('and back?')]);
  assert.deepEqual(
    (await conversations.recent(ADA, 1)).map(({ step }) => step),
    [buildEntry('and back?').step],
  );
  const claimed = await queue.claim({ workerId: 'w-new', now: START + 90_000, leaseMs: 30_000, limit: 9 });
  assert.deepEqual(claimed.map(({ id }) => Number(id)).toSorted(), [1, 3, 7, 9]);
  assert.equal(claimed.find(({ id }) => id === 3)?.lostLeases, 1);
};

/**
 * Delivers what waits in the outbox, over two processes one after the other: each message arrives once. One of them had
 * arrived before the former version could store that it did.
 */
export const expectSentOnce = async ({ stores, unitOfWork, state }: Storage): Promise<void> => {
  const clock = makeFixedClock(START + 10_000);
  const gateways = [
    makeRecordingGateway({ canMove: (chat) => chat === OLD || chat === NEW }),
    makeRecordingGateway({ name: 'local' }),
  ] as const;
  const [telegram, own] = gateways;
  const arrived = { chatId: GROUP, text: 'text turn:t4', answers: [m(6), m(5)], deliveryKey: '-8123456789012345678' };
  await telegram.send(arrived);
  const moved = makeMovedChats(stores.chatMoves);
  await moved.load();
  for (let process = 1; process <= 2; process++) {
    const changes = makeMemoryChangeFeed(clock.after);
    const limiter = makeSendLimiter({ state, clock, events: silentEvents });
    const deliverer = makeOutboxDeliverer({
      outbox: stores.outbox,
      unitOfWork,
      gateways,
      limiter,
      changes,
      clock,
      events: silentEvents,
      moved,
      maxChats: 8,
    });
    deliverer.start();
    while ((await stores.outbox.stats()).pending > 0) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await deliverer.stop();
  }
  const textsIn = (chat: string) => telegram.sent.filter(({ chatId }) => chatId === chat).map(({ text }) => text);
  assert.deepEqual(textsIn(GROUP), ['text turn:t4', 'text schedules-skipped:-1001234567890:2026-11-22', 'text still-working:3:1']);
  assert.deepEqual(textsIn(ADA), ['text promise:5:1']);
  assert.deepEqual(textsIn(NEW), ['text turn:t5']);
  assert.deepEqual(
    own.sent.map(({ chatId, text }) => [chatId, text]),
    [[LOCAL, 'text turn:t6']],
  );
  assert.deepEqual([telegram.attempts.length, own.attempts.length], [6, 1]);
  assert.equal(telegram.attempts.filter(({ deliveryKey }) => deliveryKey === arrived.deliveryKey).length, 2);
  const told = await stores.promises.get(promiseId(5));
  assert.ok(told?.status === 'completed' && told.deliveredAt !== undefined);
  assert.equal(userId('telegram:501'), telegramUser(501));
};
