import type { Clock, Logger, PromiseQueue } from '../../../ports/index.ts';
import type { QueueStorage, Statements } from './storage.ts';

/** How long a measured difference is trusted. */
const TRUSTED_MS = 60_000;
/** Smaller differences are as good as none, beside what a lease leaves. */
const TOLERATED_MS = 1_000;
const SERVER_NOW = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now';

/**
 * The queue with its leases in the server's time, which is one for all workers, while each goes on to speak of its own:
 * a clock that is wrong neither takes a live lease nor leaves a dead one. The difference is measured before the first
 * use and once a minute.
 */
export const inServerTime = <Transaction extends Statements>(
  queue: PromiseQueue,
  { sql }: QueueStorage<Transaction>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): PromiseQueue => {
  let measured: { readonly at: number; readonly aheadMs: number } | undefined;

  const measure = async (): Promise<number> => {
    const before = clock.now();
    const [server] = await sql.read<{ now: number }>(SERVER_NOW);
    const at = clock.now();
    const aheadMs = server ? Math.round(server.now - (before + at) / 2) : 0;
    const skewMs = Math.abs(aheadMs) < TOLERATED_MS ? 0 : aheadMs;
    if (skewMs !== 0 && measured?.aheadMs !== skewMs)
      logger.error({ skewMs }, 'this clock and that of PostgreSQL differ: leases go by the latter; set the clock right (NTP)');
    measured = { at, aheadMs: skewMs };
    return skewMs;
  };
  /**
   * What is to be added to this process's time to get the server's. A clock that was set back is measured anew as well.
   */
  const skew = (): Promise<number> | number =>
    measured && Math.abs(clock.now() - measured.at) < TRUSTED_MS ? measured.aheadMs : measure();

  return {
    ...queue,
    claim: async (request) => {
      const skewMs = await skew();
      const claimed = await queue.claim({ ...request, now: request.now + skewMs });
      return claimed.map((promise) => ({ ...promise, lease: { ...promise.lease, expiresAt: promise.lease.expiresAt - skewMs } }));
    },
    heartbeat: async (request) => queue.heartbeat({ ...request, now: request.now + (await skew()) }),
    endLeases: async (workerIds, now) => queue.endLeases(workerIds, now + (await skew())),
    leaseTime: async (now) => queue.leaseTime(now + (await skew())),
    nextDueAt: async () => {
      const at = await queue.nextDueAt();
      return at === undefined ? undefined : at - (await skew());
    },
  };
};
