import { strict as assert } from 'node:assert';
import { type AgentPromise, approvalId, type PromiseCommand, promiseId } from '../domain/index.ts';
import type { Storage, Stores } from '../ports/index.ts';
import { promiseAfter as after, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { asked, build, cancel, complete, everyState, fail, idsOf, read, start } from './promise-states.ts';

/** The law of `PromiseStore`: updates. */
export const promiseUpdatesContract: Contract<Storage> = {
  'stores the whole new state, raises the version by one and resolves to what is stored': async ({ stores: { promises } }) => {
    const [, waiting, retried] = everyState() as [AgentPromise, AgentPromise, AgentPromise];
    await promises.add([build(1), waiting, retried]);
    const walk = async (id: number, ...commands: PromiseCommand[]) => {
      for (const command of commands) {
        const before = await read(promises, promiseId(id));
        const next = after(before, command);
        const saved = { ...next, version: before.version + 1 };
        assert.deepEqual(await carryOut(promises, next.id, command), [saved]);
        assert.deepEqual(await promises.get(next.id), saved);
      }
    };
    await walk(
      2,
      { type: 'release', at: START + 9 },
      { type: 'cancel', at: START + 10, reason: 'no need' },
      { type: 'retry', at: START + 11 },
    );
    await walk(3, { ...start, at: START + 90_000 }, { ...complete, attempt: 2 });
    await walk(
      1,
      start,
      { ...fail, retryable: true },
      { ...start, at: START + 90_000 },
      { ...fail, attempt: 2 },
      { type: 'retry', at: START },
    );
    await walk(1, start, { type: 'hand-back', at: START + 5, workerId: 'w1', attempt: 3 });
    const claim = { at: START + 6, workerId: 'w1', attempt: 3 };
    await walk(
      1,
      { ...start, at: START + 5 },
      { ...claim, type: 'await-approval', approvalId: approvalId(4) },
      { type: 'go-on', at: START + 7, approvalId: approvalId(4) },
    );
    await promises.add([asked(9)]);
    await walk(9, { type: 'go-on', at: START + 8, approvalId: approvalId(3) }, { type: 'release', at: START + 9 });
  },

  'updates what is stored: each promise that exists, once, in the order of their ids': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    await carryOut(promises, promiseId(1), start);
    const started = await read(promises, promiseId(1));
    const asked: AgentPromise[] = [];
    const unchanged = await promises.update([11, 5, 1, 1].map(promiseId), (stored) => {
      asked.push(stored);
      return undefined;
    });
    assert.deepEqual(asked, [started, build(11)]);
    assert.deepEqual(unchanged, [started, build(11)]);
    assert.deepEqual(await promises.getMany([1, 2, 11].map(promiseId)), [started, build(2), build(11)]);
    assert.equal(await promises.get(promiseId(5)), undefined);
    assert.deepEqual(await promises.update([], () => assert.fail('there is none')), []);
  },

  'stores only the state in an update, whatever spec and version the new state has': async ({ stores: { promises } }) => {
    await promises.add([build(1, { deadline: START + 90_000, idempotencyKey: 'k' })]);
    const { messageId: _, ...other } = after(build(2, { chatId: telegramChat(502), description: 'other', priority: 1 }), cancel);
    const cancelled = after(build(1, { idempotencyKey: 'k' }), cancel);
    const saved = { ...cancelled, version: 1 };
    assert.deepEqual(await promises.update([promiseId(1)], () => ({ ...other, version: 5 })), [saved]);
    assert.deepEqual(await promises.get(promiseId(1)), saved);
    assert.equal(await promises.get(promiseId(2)), undefined);
  },

  'bases each of 30 parallel updates on what the one before has stored': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2)]);
    const updates = Array.from({ length: 30 }, (_, i) =>
      promises.update([1, 2].map(promiseId), (stored) => {
        if (stored.status !== 'pending') return undefined;
        return stored.id === 1 ? after(stored, { ...cancel, reason: `by ${i}` }) : { ...stored, dueAt: stored.dueAt + 1 };
      }),
    );
    const cancelled = (await Promise.all(updates)).map(([first]) => first);
    assert.ok(cancelled[0]?.status === 'cancelled');
    for (const promise of cancelled) assert.deepEqual(promise, cancelled[0]);
    assert.equal((await read(promises, promiseId(1))).version, 1);
    assert.deepEqual(await promises.get(promiseId(2)), { ...build(2), dueAt: START + 30, version: 30 });
  },

  'keeps what is stored apart from what the caller changes afterwards': async ({ stores: { promises } }) => {
    const made = () => build(1, { metadata: { scope: { directory: '/srv/a' } } });
    const promise = made();
    await promises.add([promise]);
    Reflect.set(promise.metadata.scope as object, 'directory', '/');
    Reflect.set((await read(promises, promiseId(1))).metadata.scope as object, 'directory', '/etc');
    assert.deepEqual(await promises.get(promiseId(1)), made());
  },

  'updates many promises together, and none if the change of one throws, even in a unit of work that goes on': async ({
    stores: { promises },
    unitOfWork,
  }) => {
    const all = [1, 2, 3].map(promiseId);
    await promises.add(all.map((id) => build(id)));
    await carryOut(promises, promiseId(2), cancel);
    const cancelAll = (stores: Pick<Stores, 'promises'>) => stores.promises.update(all, (stored) => after(stored, cancel));
    await assert.rejects(cancelAll({ promises }), /already/);
    await unitOfWork.run(async (unit) => {
      await assert.rejects(cancelAll(unit), /already/);
    });
    assert.deepEqual(idsOf(await promises.find({ limit: 9, statuses: ['pending'] })), [1, 3]);
    const saved = [1, 3].map((id) => ({ ...after(build(id), cancel), version: 1 }));
    assert.deepEqual(await promises.update([1, 3].map(promiseId), (stored) => after(stored, cancel)), saved);
    assert.deepEqual(await promises.getMany([1, 3].map(promiseId)), saved);
  },

  'bases each update in a unit of work on the one before': async ({ stores: { promises }, unitOfWork }) => {
    await promises.add([build(1), build(2), build(3)]);
    const saved = await unitOfWork.run(async (unit) => {
      await unit.promises.update([promiseId(1), promiseId(3)], () => undefined);
      await unit.promises.update([promiseId(1), promiseId(2)], (stored) => after(stored, start));
      await carryOut(unit.promises, promiseId(3), start);
      return unit.promises.update([1, 2, 3].map(promiseId), (stored) => after(stored, cancel));
    });
    assert.deepEqual(
      saved,
      [1, 2, 3].map((id) => ({ ...after(build(id), start, cancel), version: 2 })),
    );
    assert.deepEqual(await promises.find({ limit: 9 }), saved);
  },

  'locks what a unit of work has updated, or read to update it, until the unit ends': async ({ stores: { promises }, unitOfWork }) => {
    await promises.add([build(1), build(2)]);
    const isLocked = Promise.withResolvers<void>();
    const others = isLocked.promise.then(() =>
      Promise.all([1, 2].map((id) => promises.update([promiseId(id)], (stored) => after(stored, { type: 'retry', at: START + 9 })))),
    );
    await unitOfWork.run(async (unit) => {
      await unit.promises.update([promiseId(1), promiseId(2)], ({ id }) => (id === 1 ? after(build(1), cancel) : undefined));
      isLocked.resolve();
      for (let at = 0; at < 20; at++)
        assert.deepEqual(
          (await unit.promises.getMany([1, 2].map(promiseId))).map(({ version }) => version),
          [1, 0],
        );
      await carryOut(unit.promises, promiseId(2), cancel);
    });
    assert.deepEqual(
      (await others).flat().map(({ status, version }) => [status, version]),
      [
        ['pending', 2],
        ['pending', 2],
      ],
    );
  },

  'takes progress only from the worker that holds the promise, without a change of version': async ({ stores: { promises } }) => {
    const running = after(build(1), start);
    await promises.add([running, build(2)]);
    const progress = { text: 'half of it 🚂', at: START + 7 };
    assert.equal(await promises.noteProgress(running.id, 'w1', progress), true);
    assert.equal(await promises.noteProgress(running.id, 'w2', { ...progress, text: 'other' }), false);
    assert.equal(await promises.noteProgress(promiseId(2), 'w1', progress), false);
    assert.deepEqual(await promises.get(running.id), { ...running, progress });
    await carryOut(promises, running.id, complete);
    assert.deepEqual(await promises.get(running.id), { ...after(running, complete), version: 1 });
  },
};
