import { strict as assert } from 'node:assert';
import { moneyOf, NO_USAGE, type OutboxDraft, promiseId, scheduleId, turnId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, buildOutboxDraft, buildPromise, buildRecord, buildSchedule, buildTurn, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';

const OLD = telegramChat(-123_456);
const NEW = telegramChat(-1_001_234_567_890);
const MOVE = { from: OLD, to: NEW, at: START };
const draft = (dedupeKey: string, overrides: Partial<OutboxDraft>) => buildOutboxDraft({ dedupeKey, ...overrides });
const inOld = { chatId: OLD, messageId: telegramMessage(7) };

/** The law of `ChatMoves`. */
export const chatMovesContract: Contract<Storage> = {
  'leaves a chat where it is until it moves': async ({ stores: { chatMoves } }) => {
    assert.equal(await chatMoves.home(OLD), OLD);
    assert.equal(await chatMoves.add(MOVE), true);
    assert.equal(await chatMoves.home(OLD), NEW);
    for (const other of [NEW, telegramChat(-123_457), telegramChat(501)]) assert.equal(await chatMoves.home(other), other);
  },

  'moves a chat once: a second move changes nothing': async ({ stores: { chatMoves, outbox } }) => {
    await chatMoves.add(MOVE);
    await outbox.add(draft('a', { chatId: OLD }));
    assert.equal(await chatMoves.add({ ...MOVE, to: telegramChat(-1_009_999_999_999), at: START + 1 }), false);
    assert.equal(await chatMoves.home(OLD), NEW);
    assert.equal(await outbox.hasPending(OLD), true);
  },

  'lists moves, the earliest first': async ({ stores: { chatMoves } }) => {
    const later = { from: telegramChat(-5), to: telegramChat(-1_001_000_000_005), at: START + 9 };
    await chatMoves.add(later);
    await chatMoves.add(MOVE);
    assert.deepEqual(await chatMoves.list(), [MOVE, later]);
  },

  'sends waiting messages to the new chat in their order, as replies to nothing': async ({ stores }) => {
    const { chatMoves, outbox } = stores;
    const reply = { chatId: OLD, replyTo: telegramMessage(7), answers: [telegramMessage(7)] };
    await outbox.addMany([draft('sent', reply), draft('a', reply), draft('b', reply)]);
    const [sent] = await outbox.due(START + 1_000, 1);
    assert.ok(sent);
    await outbox.markSent(sent.id, telegramMessage(8), START + 1);
    await chatMoves.add(MOVE);
    const [head, ...others] = await outbox.due(START + 1_000, 10);
    assert.deepEqual([head?.chatId, head?.replyTo, head?.answers, head?.dedupeKey, others.length], [NEW, undefined, [], 'a', 0]);
    assert.deepEqual(
      (await outbox.answering(OLD, telegramMessage(7))).map(({ id }) => id),
      [sent.id],
    );
    assert.deepEqual(await outbox.answering(NEW, telegramMessage(7)), []);
    assert.equal((await outbox.sentAs(OLD, telegramMessage(8)))?.id, sent.id);
    assert.deepEqual([await outbox.hasPending(OLD), await outbox.hasPending(NEW)], [false, true]);
  },

  'moves promises to the new chat without a change of version': async ({ stores: { chatMoves, promises } }) => {
    const made = [1, 2].map((id) => buildPromise({ ...inOld, id: promiseId(id), idempotencyKey: `k${id}`, tenant: 'Ops' }));
    await promises.add([...made, buildPromise({ id: promiseId(3), chatId: NEW, idempotencyKey: 'k2' })]);
    await chatMoves.add(MOVE);
    const [first, second, third] = await promises.getMany([1, 2, 3].map(promiseId));
    assert.deepEqual([first?.chatId, first?.messageId, first?.idempotencyKey, first?.tenant], [NEW, undefined, 'k1', 'Ops']);
    // The new chat's own promise keeps the key.
    assert.deepEqual([second?.chatId, second?.idempotencyKey, third?.idempotencyKey], [NEW, undefined, 'k2']);
    assert.equal(await promises.countOpen(NEW), 3);
    const [stale] = made;
    assert.ok(stale);
    // Whatever chat the new state was in when it was made.
    await promises.update([stale.id], () => stale);
    const saved = await promises.get(stale.id);
    assert.deepEqual([saved?.chatId, saved?.messageId, saved?.version], [NEW, undefined, stale.version + 1]);
  },

  'moves schedules to the new chat': async ({ stores: { chatMoves, schedules } }) => {
    await schedules.add([buildSchedule({ ...inOld, id: scheduleId(1) })]);
    await chatMoves.add(MOVE);
    const found = await schedules.find({ chatId: NEW, limit: 10 });
    assert.deepEqual(
      found.map(({ id, messageId }) => [id, messageId]),
      [[1, undefined]],
    );
    assert.deepEqual(await schedules.find({ chatId: OLD, limit: 10 }), []);
  },

  'moves the conversation to the new chat, without message ids that no longer count': async ({ stores }) => {
    const { chatMoves, conversations } = stores;
    const said = (text: string, id: number) =>
      buildEntry(text, {
        chatId: OLD,
        step: {
          role: 'person',
          name: 'Ada',
          text,
          messageId: telegramMessage(id),
          replied: { messageId: telegramMessage(1), quote: 'it' },
        },
      });
    await conversations.append([said('forgotten', 5)]);
    await conversations.forget(OLD);
    await conversations.append([said('before', 6), buildEntry('after', { chatId: NEW })]);
    await chatMoves.add(MOVE);
    const steps = (await conversations.recent(NEW, 10)).map(({ step }) => step);
    assert.deepEqual(steps, [{ role: 'person', name: 'Ada', text: 'before', replied: { quote: 'it' } }, buildEntry('after').step]);
    assert.deepEqual(await conversations.recent(OLD, 10), []);
  },

  'counts earlier usage in the new chat': async ({ stores: { chatMoves, turns } }) => {
    await turns.add(buildTurn({ id: turnId('t1'), chatId: OLD, endedAt: START }));
    await chatMoves.add(MOVE);
    assert.equal((await turns.usage(NEW, START)).turns, 1);
    assert.equal((await turns.usage(OLD, START)).turns, 0);
  },

  'counts what was spent earlier in the new chat': async ({ stores: { chatMoves, ledger } }) => {
    const spent = { at: START, on: 'model' as const, name: 'scripted/one', agent: 'telegram_chat_agent', usage: NO_USAGE };
    await ledger.add([{ ...spent, id: 'a', chatId: OLD, cost: moneyOf(7) }]);
    await chatMoves.add(MOVE);
    assert.equal((await ledger.total({ chatId: NEW })).cost, 7);
    assert.equal((await ledger.total({ chatId: OLD })).cost, 0);
  },

  'leaves messages where they were received': async ({ stores: { chatMoves, messages } }) => {
    await messages.add(buildRecord(inOld));
    await chatMoves.add(MOVE);
    assert.deepEqual(await messages.chatsWithOpen(), [OLD]);
    assert.equal(await messages.get(NEW, telegramMessage(7)), undefined);
  },

  'leaves everything where it was when a move is undone': async ({ stores, unitOfWork }) => {
    await stores.outbox.add(draft('a', { chatId: OLD }));
    const run = unitOfWork.run(async ({ chatMoves }) => {
      await chatMoves.add(MOVE);
      assert.equal(await chatMoves.home(OLD), NEW);
      throw new Error('undone');
    });
    await assert.rejects(run, /undone/);
    assert.equal(await stores.chatMoves.home(OLD), OLD);
    assert.equal(await stores.outbox.hasPending(OLD), true);
  },

  'moves what is added at the same moment as a move, or tells it of the move': async ({ stores, unitOfWork }) => {
    const adding = Array.from({ length: 10 }, (_, at) =>
      unitOfWork.run(async ({ chatMoves, outbox }) => {
        await outbox.add(draft(`d${at}`, { chatId: await chatMoves.home(OLD) }));
      }),
    );
    await Promise.all([...adding.slice(0, 5), unitOfWork.run(({ chatMoves }) => chatMoves.add(MOVE)), ...adding.slice(5)]);
    assert.deepEqual([await stores.outbox.hasPending(OLD), await stores.outbox.hasPending(NEW)], [false, true]);
  },
};
