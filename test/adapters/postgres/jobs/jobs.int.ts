import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type AgentPromise, promiseId } from '../../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../../src/testing/index.ts';
import { type BossStorage, openFreshBossStorage } from '../../../support/boss-storage.ts';

describe('Jobs of promises in pg-boss', () => {
  let storage: BossStorage;
  let close: () => Promise<void>;

  beforeEach(async () => {
    ({ subject: storage, close } = await openFreshBossStorage());
  });
  afterEach(() => close());

  const jobs = () =>
    storage.sql.read<{ queue: string; state: string; promise: number; priority: number; tenant: string | null; due: number }>(
      `SELECT name AS queue, state::text, (data ->> 'promise')::int AS promise, priority, group_id AS tenant,
         (extract(epoch FROM start_after) * 1000)::bigint AS due FROM pgboss.job ORDER BY 3, 1`,
    );
  const queues = async () => (await jobs()).map(({ promise, queue, state }) => `${promise} ${queue} ${state}`);
  const claim = async (now = START) => (await storage.queue.claim({ workerId: 'w1', now, leaseMs: 30_000, limit: 9 })) as AgentPromise[];
  const fail = (promise: AgentPromise, retryable: boolean) =>
    promiseAfter(promise, {
      type: 'fail',
      at: START,
      workerId: 'w1',
      attempt: promise.attempts,
      retryable,
      jitter: 0,
      error: { code: 'broken', message: 'it broke' },
    });

  const save = (changed: readonly AgentPromise[]) =>
    storage.stores.promises.update(
      changed.map(({ id }) => id),
      ({ id }) => changed.find((promise) => promise.id === id),
    );

  it('puts a job into the queue of its type, due with its promise, the most urgent first', async () => {
    await storage.stores.promises.add([
      buildPromise({ id: promiseId(1), taskType: 'code', priority: 1, tenant: 'psy' }),
      buildPromise({ id: promiseId(2), taskType: 'search', priority: 10, dueAt: START + 5_000 }),
      buildPromise({ id: promiseId(3), dependsOn: [promiseId(1)] }),
    ]);
    expect(await jobs()).to.deep.equal([
      { queue: 'kept-code', state: 'created', promise: 1, priority: 10, tenant: 'psy', due: START },
      { queue: 'kept-search', state: 'created', promise: 2, priority: 1, tenant: 'telegram:501', due: START + 5_000 },
    ]);
  });

  it('commits a job with its promise, or not at all', async () => {
    const rejected = storage.unitOfWork.run(async ({ promises }) => {
      await promises.add([buildPromise()]);
      throw new RangeError('no');
    });
    expect(await rejected.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(await storage.stores.promises.get(promiseId(1))).to.equal(undefined);
    expect(await jobs()).to.deep.equal([]);
  });

  it('keeps a job active while its promise runs, and deletes it when the promise settles', async () => {
    await storage.stores.promises.add([1, 2, 3].map((id) => buildPromise({ id: promiseId(id) })));
    const [first, second] = await claim();
    expect(await queues()).to.deep.equal(['1 kept-analysis active', '2 kept-analysis active', '3 kept-analysis active']);
    await save([
      promiseAfter(first as AgentPromise, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' }),
      promiseAfter(second as AgentPromise, { type: 'cancel', at: START, reason: 'no need' }),
    ]);
    expect(await queues()).to.deep.equal(['3 kept-analysis active']);
  });

  it('returns a job to its queue when its promise is handed back or retried later', async () => {
    await storage.stores.promises.add([1, 2].map((id) => buildPromise({ id: promiseId(id) })));
    const [first, second] = await claim();
    await save([
      promiseAfter(first as AgentPromise, { type: 'hand-back', at: START + 1, workerId: 'w1', attempt: 1 }),
      fail(second as AgentPromise, true),
    ]);
    expect((await jobs()).map(({ state, due }) => [state, due])).to.deep.equal([
      ['created', START + 1],
      ['created', START + 60_000],
    ]);
  });

  it('makes a dead letter of a promise that fails for good, until the promise is retried by hand', async () => {
    await storage.stores.promises.add([buildPromise(), buildPromise({ id: promiseId(2), dependsOn: [promiseId(1)] })]);
    const failed = fail((await claim())[0] as AgentPromise, false);
    const waiting = (await storage.stores.promises.get(promiseId(2))) as AgentPromise;
    const abandoned = promiseAfter(waiting, { type: 'abandon', at: START, error: { code: 'promise/parent-failed', message: '' } });
    await save([failed, abandoned]);
    expect(await queues()).to.deep.equal(['1 kept-failed created', '2 kept-failed created']);

    const again = (promise: AgentPromise) => promiseAfter({ ...promise, version: promise.version + 1 }, { type: 'retry', at: START });
    await save([again(failed), again(abandoned)]);
    expect(await queues()).to.deep.equal(['1 kept-analysis created']);
    expect((await claim()).map(({ id }) => Number(id))).to.deep.equal([1]);
  });

  it('deletes a job whose promise is not pending, is gone, or never existed', async () => {
    const cancelled = promiseAfter(buildPromise(), { type: 'cancel', at: START, reason: 'no need' });
    await storage.stores.promises.add([cancelled, buildPromise({ id: promiseId(2) })]);
    for (const data of [{ promise: 1 }, { promise: 99 }, { promise: 'none' }, {}]) await storage.boss.engine.send('kept-analysis', data);
    expect((await claim()).map(({ id }) => Number(id))).to.deep.equal([2]);
    expect(await queues()).to.deep.equal(['2 kept-analysis active']);
  });

  it('keeps the place of a job that pg-boss brings before it is due by the worker’s clock', async () => {
    await storage.stores.promises.add([
      buildPromise({ id: promiseId(1), priority: 1, dueAt: START + 10 }),
      buildPromise({ id: promiseId(2), priority: 2 }),
      buildPromise({ id: promiseId(3), priority: 1, dueAt: START + 20 }),
    ]);
    expect((await claim()).map(({ id }) => Number(id))).to.deep.equal([2]);
    expect((await claim(START + 20)).map(({ id }) => Number(id))).to.deep.equal([1, 3]);
  });
});
