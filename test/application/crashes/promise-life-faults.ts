import { PortError, type Storage } from '../../../src/ports/index.ts';
import type { FixedClock } from '../../../src/testing/index.ts';
import { makeLifetime, type ProcessLifetime } from './process-lifetime.ts';

/** When storage or gateway fails: before anything has happened, or when it has, and only the word of it is lost. */
export type When = 'before' | 'after';

/**
 * A storage whose next units of work, and calls of its queue that write, fail, one for each of `failures`. Whose
 * heartbeat fails may learn late that it holds nothing any more: `onHeartbeatFailure` is told.
 */
export const makeUnreliable = (storage: Storage, failures: When[]): Storage => {
  const failing = async <T>(call: () => Promise<T>): Promise<T> => {
    const failure = failures.shift();
    const lost = new PortError('unavailable', 'the connection is lost', { retryable: true });
    if (failure === 'before') throw lost;
    const value = await call();
    if (failure === 'after') throw lost;
    return value;
  };
  return {
    ...storage,
    unitOfWork: { run: (work) => failing(() => storage.unitOfWork.run(work)) },
    queue: {
      ...storage.queue,
      claim: (request) => failing(() => storage.queue.claim(request)),
      heartbeat: (request) => failing(() => storage.queue.heartbeat(request)),
      releaseLeases: (workerId, runs) => failing(() => storage.queue.releaseLeases(workerId, runs)),
    },
  };
};

/** A clock whose time of day can be put forwards and backwards. */
export const makeWallClock = (steady: FixedClock): FixedClock & { put(ms: number): void } => {
  let shift = 0;
  return {
    now: () => steady.now() + shift,
    after: steady.after,
    advance: steady.advance,
    untilTimer: steady.untilTimer,
    get timers() {
      return steady.timers;
    },
    put: (ms) => {
      shift += ms;
    },
  };
};

/** A life whose port calls wait from when it is cut off until it is reconnected. */
export const makeCuttableLife = () => {
  const whole = makeLifetime();
  let cut: PromiseWithResolvers<void> | undefined;
  const life: ProcessLifetime = {
    get ended() {
      return whole.ended;
    },
    get steps() {
      return whole.steps;
    },
    get active() {
      return whole.active;
    },
    get endedAt() {
      return whole.endedAt;
    },
    end: whole.end,
    endAfter: whole.endAfter,
    through: async (call, name) => {
      await cut?.promise;
      return whole.through(call, name);
    },
    within: whole.within,
  };
  return {
    life,
    isCut: (): boolean => cut !== undefined,
    cutOff: (): void => {
      cut ??= Promise.withResolvers();
    },
    reconnect: (): void => {
      cut?.resolve();
      cut = undefined;
    },
  };
};
