import type { LeasedPromise } from '../../domain/index.ts';
import type { Clock, EngineNotices, PromiseQueue } from '../../ports/index.ts';
import type { Query } from '../sql/sql.ts';

/** How long a measured difference is trusted. */
const TRUSTED_MS = 60_000;
/** A smaller difference does not matter beside the length of a lease. */
const TOLERATED_MS = 1_000;
const SERVER_NOW = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now';

/**
 * The difference between this process's clock and the server's. Leases are stored by the server's clock, which is one
 * for all workers: a worker whose clock is wrong neither takes a live lease nor leaves a dead one. Outside of the
 * engine, every time is the caller's own.
 */
export interface ServerTime {
  /** What turns this process's time into the server's when it is added; 0 until the first measurement. */
  skewMs(): number;
  /**
   * Measures the difference if the last measurement is older than a minute, or if this clock was set back.
   * `undefined` if there is nothing to wait for.
   */
  refresh(): Promise<void> | undefined;
}

export const makeServerTime = (deps: {
  readonly read: Query;
  readonly clock: Pick<Clock, 'now'>;
  readonly notice: EngineNotices;
}): ServerTime => {
  const { read, clock, notice } = deps;
  let measured: { readonly at: number; readonly skewMs: number } | undefined;
  let measuring: Promise<void> | undefined;

  const measure = async (): Promise<void> => {
    const before = clock.now();
    const [server] = await read<{ now: number }>(SERVER_NOW);
    const at = clock.now();
    const aheadMs = server ? Math.round(server.now - (before + at) / 2) : 0;
    const skewMs = Math.abs(aheadMs) < TOLERATED_MS ? 0 : aheadMs;
    if (skewMs !== 0 && measured?.skewMs !== skewMs) notice('clocks-differ', { skewMs });
    measured = { at, skewMs };
  };

  return {
    skewMs: () => measured?.skewMs ?? 0,
    refresh: () => {
      if (measured && Math.abs(clock.now() - measured.at) < TRUSTED_MS) return undefined;
      measuring ??= measure().finally(() => {
        measuring = undefined;
      });
      return measuring;
    },
  };
};

/** A queue whose times are the server's, for callers who have times of their own. */
export const inCallersTime = (queue: PromiseQueue, { skewMs, refresh }: ServerTime): PromiseQueue => {
  const skew = async (): Promise<number> => {
    await refresh();
    return skewMs();
  };
  return {
    ...queue,
    claim: async (request) => {
      const aheadMs = await skew();
      const claimed = await queue.claim({ ...request, now: request.now + aheadMs });
      return claimed.map((promise) => startedBefore(promise, aheadMs));
    },
    heartbeat: async (request) => queue.heartbeat({ ...request, now: request.now + (await skew()) }),
    endLeases: async (workerIds, now) => queue.endLeases(workerIds, now + (await skew())),
    nextDueAt: async () => {
      const at = await queue.nextDueAt();
      return at === undefined ? undefined : at - (await skew());
    },
  };
};

const startedBefore = (promise: LeasedPromise, ms: number): LeasedPromise => ({
  ...promise,
  startedAt: promise.startedAt - ms,
  lease: { ...promise.lease, expiresAt: promise.lease.expiresAt - ms },
});
