import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRecordEnd } from '../../../src/application/worker/record-ends.ts';
import { NO_USAGE, type PromiseCommand, type PromiseId, promiseId } from '../../../src/domain/index.ts';
import { PortError, type UnitOfWork } from '../../../src/ports/index.ts';
import { buildPromise, buildRun, buildTurn, makeSeededRandomness, promiseAfter, START } from '../../../src/testing/index.ts';

const start = (workerId = 'w1'): PromiseCommand => ({ type: 'start', at: START, workerId, leaseMs: 30_000 });
const complete: PromiseCommand = { type: 'complete', at: START + 5, workerId: 'w1', attempt: 1, result: 'done' };

/** A storage with running promises 1 to `count`, whose units of work are counted and pass through `through`. */
const stage = async (count: number, through: (run: () => Promise<unknown>) => Promise<unknown> = (run) => run()) => {
  const { stores, unitOfWork } = makeMemoryStorage();
  await stores.promises.add(Array.from({ length: count }, (_, i) => promiseAfter(buildPromise({ id: promiseId(i + 1) }), start())));
  let units = 0;
  const counted: UnitOfWork = {
    run: <T>(work: Parameters<typeof unitOfWork.run<T>>[0]) => {
      units++;
      return through(() => unitOfWork.run(work)) as Promise<T>;
    },
  };
  const record = makeRecordEnd({ unitOfWork: counted, randomness: makeSeededRandomness(1) });
  const end = async (id: PromiseId, command: PromiseCommand) =>
    (await record({ id, command, paid: NO_USAGE, turnOf: (usage) => buildTurn({ usage }) })).moved;
  return { stores, record: end, units: () => units };
};

describe('The ends of promises', () => {
  it('records ends that come together in one commit, and tells each outcome once to its chat', async () => {
    const { stores, record, units } = await stage(300);
    const ends = await Promise.all(Array.from({ length: 300 }, (_, i) => record(promiseId(i + 1), complete)));
    expect(ends.every((end) => end?.ok && end.value.status === 'completed')).to.equal(true);
    expect(units()).to.be.at.most(3);
    expect(await stores.outbox.stats()).to.deep.equal({ pending: 300, sent: 0, failed: 0 });
  });

  it('refuses single ends of a group: of an unknown promise, of a lost lease, a second end', async () => {
    const { record } = await stage(3);
    const [first, lost, again, unknown, last] = await Promise.all([
      record(promiseId(1), complete),
      record(promiseId(2), { ...complete, workerId: 'w2' }),
      record(promiseId(1), complete),
      record(promiseId(99), complete),
      record(promiseId(3), complete),
    ]);
    expect(first).to.include({ ok: true });
    expect(lost).to.deep.include({ ok: false }).and.to.have.nested.property('error.code', 'promise/lease-lost');
    expect(again).to.have.nested.property('error.code', 'promise/already-settled');
    expect(unknown).to.equal(undefined);
    expect(last).to.include({ ok: true });
  });

  it('tries the ends of a refused group again one by one', async () => {
    let calls = 0;
    const refused = new PortError('concurrency', 'somebody else was first', { retryable: true });
    const { record, units } = await stage(5, (run) => (++calls === 1 ? Promise.reject(refused) : run()));
    const ends = await Promise.all([1, 2, 3, 4, 5].map((id) => record(promiseId(id), complete)));
    expect(ends.every((end) => end?.ok)).to.equal(true);
    expect(units(), 'five together, then each of the five').to.equal(6);
  });

  it('rejects all ends of a group if the storage is unavailable', async () => {
    const away = new PortError('unavailable', 'the database is away', { retryable: true });
    const { record, units } = await stage(50, () => Promise.reject(away));
    const ends = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => record(promiseId(i + 1), complete)));
    expect(ends.every((end) => end.status === 'rejected' && end.reason === away)).to.equal(true);
    expect(units()).to.be.at.most(2);
  });

  it('adds nothing to the run of a promise that another worker has, and records what was paid', async () => {
    const { unitOfWork, stores } = makeMemoryStorage();
    await stores.promises.add([promiseAfter(buildPromise(), start('w2'))]);
    const run = buildRun('run-1', { promiseId: promiseId(1), asked: [] });
    const steps = [{ kind: 'intent', at: START, call: 0, tool: 'send' }] as const;
    await stores.journal.append({ run, writer: 'w1', from: 0, steps });
    const rest = () => ({ run, writer: 'w1', from: 1, steps });
    const record = makeRecordEnd({ unitOfWork, randomness: makeSeededRandomness(1) });
    const { moved, usage } = await record({
      id: promiseId(1),
      command: complete,
      paid: { ...NO_USAGE, inputTokens: 5 },
      turnOf: (used) => buildTurn({ usage: used }),
      run: { run, recorded: 0, steps: () => [...steps, ...steps], isBegun: () => true, rest },
    });
    expect(moved).to.have.nested.property('error.code', 'promise/lease-lost');
    expect(usage.inputTokens).to.equal(5);
    expect((await stores.journal.ofPromise(promiseId(1), 9))[0]?.steps).to.have.length(1);
  });
});
