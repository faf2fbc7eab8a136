import { expect } from 'chai';
import { type LeasedPromise, promiseId } from '../../../src/domain/index.ts';
import { PortError, type Storage } from '../../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle, type World } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};
const one = promiseId(1);

/** A worker of `world`, its runs held under `<description> <attempt>`. */
const workerOf = (world: World, options: ProcessOptions = {}) => {
  const gate = makeGate<string>();
  const execute = async (promise: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    await gate.hold(`${promise.description} ${promise.attempts}`, signal);
    return workResult(`by ${options.workerId ?? 'it'}`);
  };
  return { gate, ...makeProcess(world, { executor: { execute }, ...options }) };
};
const get = async ({ storage }: World) => storage.stores.promises.get(one);
/** What it says of runs that it aborts. */
const aborted = ({ logger }: ReturnType<typeof workerOf>) =>
  logger.lines.flatMap(({ level, message, fields }) => (message.startsWith('a run is aborted') ? [{ level, ...fields }] : []));
const results = async (world: World) => {
  makeProcess(world).deliverer.start();
  await settle();
  return world.gateway.sent.map(({ text }) => text.split('\n').at(-1));
};
/** The world with a storage whose heartbeats fail while told to. */
const withoutHeartbeats = (world: World): World & { fail: boolean } => {
  const storage: Storage = {
    ...world.storage,
    queue: {
      ...world.storage.queue,
      heartbeat: (request) =>
        broken.fail ? Promise.reject(new PortError('unavailable', 'cut off', { retryable: true })) : world.storage.queue.heartbeat(request),
    },
  };
  const broken = { ...world, storage, fail: true };
  return broken;
};

const NOT_OURS = 'it was cancelled, is past its deadline, or another worker runs it';
const said = { level: 'info', promiseId: 1, attempt: 1, chatId: telegramChat(501) };

describe('leases', () => {
  it('of a run that is aborted as its promise was cancelled, the log tells once', async () => {
    const world = makeWorld();
    const first = workerOf(world);
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await settle();
    await first.cancel(one);
    await advance(world, 60_000, 1_000);
    expect(first.gate.held).to.deep.equal([]);
    expect(aborted(first)).to.deep.equal([{ ...said, reason: NOT_OURS }]);
  });

  it('a heartbeat keeps a long run: no other worker takes it', async () => {
    const world = makeWorld();
    const first = workerOf(world);
    const other = workerOf(world);
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await settle();
    other.worker.start();
    await advance(world, 300_000);
    expect(other.gate.held).to.deep.equal([]);
    first.gate.release('count 1');
    await settle();
    expect(await get(world)).to.include({ status: 'completed', attempts: 1, lostLeases: 0 });
  });

  it('a worker that dies loses its lease, and another takes over; no failure is counted', async () => {
    const world = makeWorld();
    const dying = workerOf(world);
    const other = workerOf(world);
    await dying.make({ description: 'count' }, origin);
    dying.worker.start();
    await settle();
    dying.life.end();
    other.worker.start();
    await advance(world, 29_999);
    expect(other.gate.held).to.deep.equal([]);
    await advance(world, 1);
    expect(other.gate.held).to.deep.equal(['count 2']);
    expect(await get(world)).to.include({ attempts: 2, failures: 0, lostLeases: 1 });
  });

  it('heartbeats that fail: another takes over, the first is aborted, and only one result is announced', async () => {
    const world = makeWorld();
    const cut = withoutHeartbeats(world);
    const first = workerOf(cut, { workerId: 'first' });
    const other = workerOf(world, { workerId: 'other', work: { concurrency: 1 } });
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await settle();
    // The first worker does not even see that time passes over its lease before the other one does.
    other.worker.start();
    await settle();
    world.clock.advance(30_000);
    await settle();
    await advance(world, 2_000, 500);
    const runs = [...first.gate.held, ...other.gate.held];
    expect(runs).to.deep.equal(['count 2']);
    const taken = other.gate.held.length > 0 ? other : first;
    taken.gate.release('count 2');
    await settle();
    expect(await get(world)).to.include({ status: 'completed', lostLeases: 1 });
    expect(await results(world)).to.have.length(1);
  });

  it('storage that does not answer: by the time that another takes over, the first is aborted', async () => {
    const world = makeWorld();
    const { queue } = world.storage;
    const silent = new Promise<never>(() => undefined);
    let isCut = false;
    const cut = {
      ...queue,
      held: (...asked: Parameters<typeof queue.stillLeased>) => (isCut ? silent : queue.stillLeased(...asked)),
      heartbeat: (...asked: Parameters<typeof queue.heartbeat>) => (isCut ? silent : queue.heartbeat(...asked)),
    };
    const first = workerOf({ ...world, storage: { ...world.storage, queue: cut } });
    const other = workerOf(world);
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await settle();
    other.worker.start();
    await advance(world, 5_000);
    isCut = true;
    await advance(world, 24_999, 1_000);
    expect(first.gate.held).to.deep.equal(['count 1']);
    expect(aborted(first)).to.deep.equal([]);
    await advance(world, 1);
    expect([...first.gate.held, ...other.gate.held]).to.deep.equal(['count 2']);
    await advance(world, 60_000, 1_000);
    expect(aborted(first)).to.deep.equal([{ ...said, reason: 'its lease ran out and could not be renewed' }]);
  });

  for (const takesMs of [300, 2_000, 5_000])
    it(`storage that fails each call after ${takesMs} ms: by the time that another takes over, the first is aborted`, async () => {
      const world = makeWorld();
      const { queue } = world.storage;
      let isCut = false;
      const failing = <A extends unknown[], T>(call: (...asked: A) => Promise<T>) => {
        const failed = Promise.withResolvers<never>();
        return (...asked: A): Promise<T> => {
          if (!isCut) return call(...asked);
          world.clock.after(takesMs, () => failed.reject(new PortError('unavailable', 'cut off', { retryable: true })));
          return failed.promise;
        };
      };
      const cut = { ...queue, held: failing(queue.stillLeased), heartbeat: failing(queue.heartbeat), claim: failing(queue.claim) };
      const first = workerOf({ ...world, storage: { ...world.storage, queue: cut } });
      const other = workerOf(world);
      await first.make({ description: 'count' }, origin);
      first.worker.start();
      await settle();
      isCut = true;
      other.worker.start();
      await advance(world, 29_900, 100);
      expect(first.gate.held).to.deep.equal(['count 1']);
      await advance(world, 100);
      expect([...first.gate.held, ...other.gate.held]).to.deep.equal(['count 2']);
    });

  it('a claim whose answer comes after its lease: what another has taken over is not begun, and what nobody has is', async () => {
    for (const isTaken of [true, false]) {
      const world = makeWorld();
      const { queue } = world.storage;
      const answer = makeGate<string>();
      const slow = {
        ...queue,
        claim: async (request: Parameters<typeof queue.claim>[0]) => {
          const claimed = await queue.claim(request);
          if (claimed.length > 0) await answer.hold('claim');
          return claimed;
        },
      };
      const first = workerOf({ ...world, storage: { ...world.storage, queue: slow } });
      const other = workerOf(world);
      await first.make({ description: 'count' }, origin);
      first.worker.start();
      await settle();
      if (isTaken) other.worker.start();
      await advance(world, 35_000);
      answer.release('claim');
      await settle();
      expect(first.logger.lines.filter(({ message }) => message === 'promise started')).to.have.length(isTaken ? 0 : 1);
      expect(first.gate.held).to.deep.equal(isTaken ? [] : ['count 1']);
      expect(other.gate.held).to.deep.equal(isTaken ? ['count 2'] : []);
      await advance(world, 60_000);
      expect(await get(world)).to.include({ attempts: isTaken ? 2 : 1 });
    }
  });

  it('a worker that takes its own promise up again waits for its run of before to end', async () => {
    const world = makeWorld();
    const cut = withoutHeartbeats(world);
    const slow = makeGate<number>();
    const first = makeProcess(cut, { executor: { execute: ({ attempts }) => slow.hold(attempts).then(() => workResult('done')) } });
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await advance(world, 29_999);
    cut.fail = false;
    cut.storage.queue.stillLeased = () => Promise.resolve([]);
    await advance(world, 2_000, 500);
    expect(await get(world)).to.include({ status: 'in_progress', attempts: 2 });
    expect(slow.held).to.deep.equal([1]);
    slow.release(1);
    await settle();
    expect(slow.held).to.deep.equal([2]);
  });

  it('the result of a run whose lease was lost is dropped, though its executor heard no abort', async () => {
    const world = makeWorld();
    const cut = withoutHeartbeats(world);
    const deaf = makeGate<string>();
    const first = makeProcess(cut, { executor: { execute: ({ description }) => deaf.hold(description).then(() => workResult('late')) } });
    const other = workerOf(world, { workerId: 'other' });
    await first.make({ description: 'count' }, origin);
    first.worker.start();
    await settle();
    other.worker.start();
    await settle();
    cut.storage.queue.stillLeased = world.storage.queue.stillLeased;
    await advance(world, 31_000, 500);
    expect(other.gate.held).to.deep.equal(['count 2']);
    deaf.release('count');
    await settle();
    other.gate.release('count 2');
    await settle();
    expect(await results(world)).to.deep.equal(['by other']);
  });

  it('a worker that was suspended past its lease goes on when nobody took over, and never runs a promise twice', async () => {
    const world = makeWorld();
    const sleepy = workerOf(world, { work: { heartbeatMs: 25_000 } });
    await sleepy.make({ description: 'count' }, origin);
    sleepy.worker.start();
    await settle();
    // A laptop that sleeps: a minute passes between two turns of the event loop, and the look comes before the
    // heartbeat.
    world.clock.advance(24_999);
    await settle();
    await suspend(world, 60_000);
    await advance(world, 60_000);
    expect(sleepy.gate.held).to.deep.equal(['count 1']);
    sleepy.gate.release('count 1');
    await settle();
    expect(await get(world)).to.include({ status: 'completed', attempts: 1, lostLeases: 0 });
  });

  it('a worker that was suspended while another took over drops its run', async () => {
    const world = makeWorld();
    const sleepy = workerOf(world);
    await sleepy.make({ description: 'count' }, origin);
    sleepy.worker.start();
    await settle();
    await world.storage.queue.claim({ workerId: 'other', now: world.clock.now() + 30_000, leaseMs: 600_000, limit: 1 });
    await advance(world, 31_000, 1_000);
    expect(sleepy.gate.held).to.deep.equal([]);
    expect(aborted(sleepy)).to.deep.equal([{ ...said, reason: NOT_OURS }]);
    expect(await get(world)).to.deep.include({ status: 'in_progress', attempts: 2 });
  });
});

/**
 * Time passes while the process stands still, and its timers with it: the change hint that is due comes first, and sees
 * the new time.
 */
const suspend = async (world: World, ms: number): Promise<void> => {
  const now = world.clock.now;
  Object.assign(world.clock, { now: () => now() + ms });
  world.changes.changed();
  await settle();
};
