import { expect } from 'chai';
import { type OutboxId, type PromiseId, promiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
  undelivered,
  workResult,
} from '../../../src/testing/index.ts';
import { type OpenedStorage, withStorage } from '../../support/sqlite-storage.ts';
import { makeGate } from '../support/gate.ts';
import { makeProcess, makeWorld, until } from '../support/harness.ts';

const chat = telegramChat(501);
const origin = { chatId: chat, chatKind: 'direct' as const, messageId: telegramMessage(1), requestedBy: { id: telegramUser(501) } };
const running = new AbortController().signal;
const script = (): ScriptedStep[] => [
  {
    toolCalls: [
      { id: 'a', tool: 'make_promise', input: { description: 'first' } },
      { id: 'b', tool: 'cancel_promise', input: { id: 1 } },
    ],
  },
  { text: 'As you wish.' },
];
const statuses = async ({ stores }: OpenedStorage, ids: readonly PromiseId[]) =>
  (await stores.promises.getMany(ids)).map(({ status }) => status);

describe('use cases on SQLite', () => {
  it('invariant 1: the same message, 50 times in parallel, becomes one record', () =>
    withStorage(async (storage) => {
      const { receive } = makeProcess(makeWorld({ storage }));
      const records = await Promise.all(Array.from({ length: 50 }, () => receive(buildMessage())));
      expect(await storage.stores.messages.stats()).to.include({ open: 1 });
      for (const record of records) expect(record).to.deep.equal(records[0]);
    }));

  it('at most one promise per key and chat, also when 20 are made in parallel', () =>
    withStorage(async (storage) => {
      const { make } = makeProcess(makeWorld({ storage }));
      const results = await Promise.all(Array.from({ length: 20 }, () => make({ description: 'once', idempotencyKey: 'k' }, origin)));
      expect(new Set(results.map((result) => result.ok && result.value.promise.id)).size).to.equal(1);
      expect(await storage.stores.promises.find({ limit: 10 })).to.have.length(1);
    }));

  it('invariants 1 to 3: leaves nothing of a commit that fails at any store call, and answers once in the next turn', async () => {
    const names: string[] = [];
    let failAt = -1;
    const attempt = (): Promise<void> =>
      withStorage(async (storage) => {
        let calls = Number.NEGATIVE_INFINITY;
        const onUnitCall = (name: string): void => {
          if (failAt < 0) names.push(name);
          if (calls++ === failAt) throw new PortError('unavailable', `${name} failed`, { retryable: true });
        };
        const process = makeProcess(makeWorld({ storage }), { model: makeScriptedModel([...script(), ...script().slice(-1)]), onUnitCall });
        await process.make({ description: 'to be cancelled' }, origin);
        await process.receive(buildMessage());
        names.length = failAt < 0 ? 0 : names.length;
        calls = 0;
        const { stores } = storage;
        if (failAt >= 0) {
          expect(await process.answerChat(chat, running).catch((error: unknown) => error)).to.have.property('code', 'unavailable');
          expect(await stores.outbox.get(1 as OutboxId)).to.equal(undefined);
          expect(await stores.messages.open(chat, 10)).to.have.length(1);
          expect(await stores.conversations.recent(chat, 10)).to.deep.equal([]);
          expect(await stores.promises.stats()).to.include({ pending: 1, cancelled: 0 });
        }
        await process.answerChat(chat, running);
        expect(await stores.outbox.answering(chat, telegramMessage(1))).to.have.length(1);
        expect(await stores.promises.stats()).to.include({ pending: 1, cancelled: 1 });
      });
    await attempt();
    expect(names).to.have.length.above(8);
    for (failAt = 0; failAt < names.length; failAt++) await attempt();
  });

  it('the sides of a diamond that end at the same moment release its end once; retried by hand, it waits again', () =>
    withStorage(async (storage) => {
      const gate = makeGate<string>();
      const world = makeWorld({ storage });
      const execute = async ({ description }: { description: string }, { signal }: { signal: AbortSignal }) => {
        await gate.hold(description, signal);
        return workResult('done');
      };
      const process = makeProcess(world, { executor: { execute } });
      for (const description of ['left', 'right']) await process.make({ description }, origin);
      const ids = [1, 2, 3].map(promiseId);
      await process.make({ description: 'end', dependsOn: ids.slice(0, 2) }, origin);
      process.start();
      await until(() => gate.held.length === 2);
      gate.release('left');
      gate.release('right');
      await until(() => gate.held.includes('end'));
      expect(gate.held).to.deep.equal(['end']);
      await process.cancel(promiseId(3));
      await until(() => gate.held.length === 0);
      expect(await statuses(storage, ids)).to.deep.equal(['completed', 'completed', 'cancelled']);
      await process.retry(promiseId(3));
      await until(() => gate.held.includes('end'));
      gate.release('end');
      await until(() => world.gateway.sent.length === 4);
      await until(async () => (await undelivered(storage.stores.promises, 10)).length === 0);
      await process.worker.stop(0);
      await process.answerer.stop(0);
      await process.deliverer.stop();
    }));

  it('a child that is retried while its parent is failed fails again; once the parent is retried it waits', () =>
    withStorage(async (storage) => {
      const process = makeProcess(makeWorld({ storage }));
      await process.make({ description: 'top' }, origin);
      await process.make({ description: 'end', dependsOn: [promiseId(1)] }, origin);
      await process.cancel(promiseId(1));
      const ids = [1, 2].map(promiseId);
      expect(await statuses(storage, ids)).to.deep.equal(['cancelled', 'failed']);
      await process.retry(promiseId(2));
      expect(await statuses(storage, ids)).to.deep.equal(['cancelled', 'failed']);
      await process.retry(promiseId(1));
      await process.retry(promiseId(2));
      expect(await statuses(storage, ids)).to.deep.equal(['pending', 'waiting']);
      expect(await storage.queue.nextDueAt()).to.be.a('number');
    }));
});
