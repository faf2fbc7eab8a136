import { strict as assert } from 'node:assert';
import { promiseId, type TurnId, turnId } from '../domain/index.ts';
import type { Storage, Stores } from '../ports/index.ts';
import { buildEntry, buildOutboxDraft, buildPromise, buildRecord, buildTurn, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { numberIn, telegramChat, telegramMessage } from './ids.ts';
import { portFailure } from './port-failure.ts';

const chat = (n: number) => telegramChat(500 + n);
const turn = (n: number): TurnId => turnId(`turn-${n}`);

/** A whole turn's writes, in every store, all of them in chat `500 + n`. */
const writeTurn = async ({ messages, conversations, turns, outbox, promises }: Stores, n: number): Promise<void> => {
  await messages.add(buildRecord({ chatId: chat(n) }));
  await conversations.append([buildEntry('question', { chatId: chat(n) }), buildEntry('answer', { chatId: chat(n) })]);
  await promises.add([buildPromise({ id: promiseId(n), chatId: chat(n), idempotencyKey: 'k' })]);
  await outbox.add(buildOutboxDraft({ chatId: chat(n), dedupeKey: `turn:${n}` }));
  await messages.settle(chat(n), [telegramMessage(1)], { kind: 'answered', turnId: turn(n) });
  await turns.add(buildTurn({ id: turn(n), chatId: chat(n) }));
};

/** Counts the rows that turn `n` has stored: 6 if it is whole, 0 if nothing of it is there. */
const seen = async ({ messages, conversations, turns, outbox, promises }: Stores, n: number): Promise<number> => {
  const parts = await Promise.all([
    messages.get(chat(n), telegramMessage(1)),
    conversations.recent(chat(n), 10).then(({ length }) => length === 2 || undefined),
    turns.get(turn(n)),
    outbox.answering(chat(n), telegramMessage(1)).then(([item]) => item),
    promises.get(promiseId(n)),
    promises.findByKey(chat(n), 'k'),
  ]);
  return parts.filter((part) => part !== undefined).length;
};

/** The law of `UnitOfWork`. */
export const unitOfWorkContract: Contract<Storage> = {
  'stores everything that the work wrote, and resolves to its value': async ({ stores, unitOfWork }) => {
    const value = await unitOfWork.run(async (unit) => {
      await writeTurn(unit, 1);
      return { answer: 42 };
    });
    assert.deepEqual(value, { answer: 42 });
    assert.equal(await seen(stores, 1), 6);
  },

  'leaves nothing behind of work that rejects, and rejects with its error': async ({ stores, unitOfWork }) => {
    const reason = new RangeError('the model was cut');
    const run = unitOfWork.run(async (unit) => {
      await writeTurn(unit, 1);
      throw reason;
    });
    await assert.rejects(run, (error) => error === reason);
    assert.equal(await seen(stores, 1), 0);
    assert.deepEqual(await stores.outbox.due(START, 10), []);
    assert.deepEqual(await stores.messages.chatsWithOpen(), []);
    await unitOfWork.run((unit) => writeTurn(unit, 1));
    assert.equal(await seen(stores, 1), 6, 'no key or id is left used');
  },

  'undoes changes to what was there before': async ({ stores, unitOfWork }) => {
    await stores.messages.add(buildRecord());
    await stores.promises.add([buildPromise()]);
    await stores.outbox.add(buildOutboxDraft());
    const [item] = await stores.outbox.due(START, 1);
    assert.ok(item);
    const run = unitOfWork.run(async (unit) => {
      await unit.messages.settle(chat(1), [telegramMessage(1)], { kind: 'answered', turnId: turn(1) });
      await carryOut(unit.promises, buildPromise().id, { type: 'cancel', at: START, reason: 'no need' });
      await unit.promises.markDelivered(promiseId(1), START);
      await unit.outbox.markSent(item.id, telegramMessage(9), START);
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.deepEqual(await stores.messages.open(chat(1), 10), [buildRecord()]);
    assert.deepEqual(await stores.promises.get(promiseId(1)), buildPromise());
    assert.deepEqual(await stores.outbox.due(START, 10), [item]);
  },

  'shows reads inside the writes inside, and what was there before': async ({ stores, unitOfWork }) => {
    await stores.messages.add(buildRecord({ messageId: telegramMessage(2) }));
    await unitOfWork.run(async (unit) => {
      await writeTurn(unit, 1);
      assert.equal(await seen(unit, 1), 6);
      assert.equal((await unit.outbox.due(START, 10)).length, 1);
      await unit.messages.add(buildRecord({ messageId: telegramMessage(3) }));
      assert.deepEqual(
        (await unit.messages.open(chat(1), 10)).map(({ message }) => numberIn(message.messageId)),
        [2, 3],
      );
      assert.equal(await unit.messages.add(buildRecord({ messageId: telegramMessage(2) })), false);
      await unit.messages.settle(chat(1), [telegramMessage(2)], { kind: 'answered', turnId: turn(1) });
      assert.deepEqual(
        (await unit.messages.open(chat(1), 10)).map(({ message }) => numberIn(message.messageId)),
        [3],
      );
      await carryOut(unit.promises, buildPromise().id, { type: 'cancel', at: START, reason: 'no need' });
      assert.equal((await unit.promises.get(promiseId(1)))?.version, 1);
      assert.equal((await unit.promises.stats()).cancelled, 1);
    });
  },

  'shows no write to anybody else before the commit': async ({ stores, unitOfWork }) => {
    const outside: Promise<number>[] = [];
    const run = unitOfWork.run(async (unit) => {
      await writeTurn(unit, 1);
      outside.push(seen(stores, 1));
      for (let i = 0; i < 20; i++) await unit.promises.get(promiseId(1));
      outside.push(seen(stores, 1));
      throw new RangeError('no');
    });
    await assert.rejects(run, RangeError);
    assert.deepEqual(await Promise.all(outside), [0, 0]);
  },

  'commits everything at once: whoever sees the last write sees the first': async ({ stores, unitOfWork }) => {
    const numbers = Array.from({ length: 10 }, (_, i) => i + 1);
    const runs = numbers.map((n) => unitOfWork.run((unit) => writeTurn(unit, n)));
    let running = true;
    const finished = Promise.all(runs).finally(() => {
      running = false;
    });
    const watch = async (n: number): Promise<void> => {
      while (running) {
        const last = await stores.turns.get(turn(n));
        const first = await stores.messages.get(chat(n), telegramMessage(1));
        if (last) assert.equal(first?.verdict?.kind, 'answered');
        else assert.ok(first === undefined || first.verdict, 'no message is seen before its verdict');
        await new Promise(setImmediate);
      }
    };
    await Promise.all([finished, ...numbers.map(watch)]);
  },

  'undoes only the unit that rejects, while 20 others commit in parallel': async ({ stores, unitOfWork }) => {
    const numbers = Array.from({ length: 41 }, (_, i) => i + 1);
    const runs = numbers.map((n) =>
      unitOfWork.run(async (unit) => {
        await writeTurn(unit, n);
        if (n % 2 === 1) throw new RangeError(`no ${n}`);
        return n;
      }),
    );
    const outcomes = await Promise.allSettled(runs);
    for (const [index, outcome] of outcomes.entries()) {
      const n = index + 1;
      assert.equal(outcome.status, n % 2 === 1 ? 'rejected' : 'fulfilled');
      assert.equal(await seen(stores, n), n % 2 === 1 ? 0 : 6, `turn ${n}`);
    }
  },

  'keeps what single calls wrote beside a unit that rejects': async ({ stores, unitOfWork }) => {
    const reject = (n: number) =>
      unitOfWork.run(async (unit) => {
        await writeTurn(unit, n);
        throw new RangeError('no');
      });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const [rejected] = await Promise.allSettled([reject(100 + i), writeTurn(stores, i + 1)]);
        assert.equal(rejected.status, 'rejected');
      }),
    );
    for (let n = 1; n <= 20; n++) assert.equal(await seen(stores, n), 6, `turn ${n}`);
    for (let n = 100; n < 120; n++) assert.equal(await seen(stores, n), 0, `turn ${n}`);
  },

  'loses no update of units that read and then write': async ({ stores, unitOfWork }) => {
    await stores.promises.add([buildPromise()]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        unitOfWork.run(async ({ promises }) => {
          await promises.update([promiseId(1)], (stored) => stored);
        }),
      ),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') portFailure('concurrency')(outcome.reason);
    const saved = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(saved >= 1);
    assert.equal((await stores.promises.get(promiseId(1)))?.version, saved);
  },

  'commits the rest of a unit that handles a refused call': async ({ stores, unitOfWork }) => {
    await stores.promises.add([buildPromise({ id: promiseId(2) })]);
    await unitOfWork.run(async (unit) => {
      await unit.messages.add(buildRecord());
      const taken = [promiseId(1), promiseId(2)].map((id) => buildPromise({ id }));
      await assert.rejects(unit.promises.add(taken), portFailure('concurrency'));
      const settling = unit.messages.settle(
        chat(1),
        [1, 9].map((n) => telegramMessage(n)),
        { kind: 'answered', turnId: turn(1) },
      );
      await assert.rejects(settling, portFailure('concurrency'));
      await unit.turns.add(buildTurn({ id: turn(1) }));
    });
    assert.deepEqual(await stores.messages.open(chat(1), 10), [buildRecord()]);
    assert.equal(await stores.promises.get(promiseId(1)), undefined);
    assert.ok(await stores.turns.get(turn(1)));
  },
};
