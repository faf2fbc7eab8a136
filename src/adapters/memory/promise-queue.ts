import {
  type AgentPromise,
  claimableAt,
  inTurn,
  isSettled,
  type LeasedPromise,
  type PromiseId,
  transition,
  withinShares,
} from '../../domain/index.ts';
import type { PromiseQueue } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

const byUrgency = (a: AgentPromise, b: AgentPromise): number =>
  inTurn({ ...a, at: claimableAt(a) ?? 0 }, { ...b, at: claimableAt(b) ?? 0 });

const holderOf = (promise: AgentPromise): string | undefined => ('lease' in promise ? promise.lease?.workerId : undefined);

const withoutLease = (promise: AgentPromise): AgentPromise => {
  if (promise.status !== 'failed' && promise.status !== 'cancelled') return promise;
  const { lease: _, ...rest } = promise;
  return rest;
};

export const makePromiseQueue = ({ promises }: Tables): PromiseQueue => {
  const heldBy = (workerId: string, ids: readonly PromiseId[]): LeasedPromise[] =>
    ids.flatMap((id) => {
      const promise = promises.get(id);
      return promise?.status === 'in_progress' && promise.lease.workerId === workerId ? [promise] : [];
    });
  const leased = (): LeasedPromise[] => [...promises.rows()].flatMap((promise) => (promise.status === 'in_progress' ? [promise] : []));
  return {
    claim: async ({ workerId, now, leaseMs, ...shares }) => {
      const due = select(promises.rows(), (promise) => (claimableAt(promise) ?? Number.POSITIVE_INFINITY) <= now, byUrgency);
      const running = Map.groupBy(leased(), ({ tenant }) => tenant);
      const places = new Map(Array.from(running, ([tenant, its]) => [tenant, its.length]));
      return withinShares(due, shares, places).map((promise) => {
        const started = transition(promise, { type: 'start', at: now, workerId, leaseMs });
        if (!started.ok || started.value.status !== 'in_progress') throw new Error(`promise #${promise.id} is due but cannot start`);
        const claimed = { ...started.value, version: promise.version + 1 };
        promises.put(claimed);
        return claimed;
      });
    },
    heartbeat: async ({ workerId, ids, now, leaseMs }) =>
      heldBy(workerId, ids).map((promise) => {
        promises.put({ ...promise, lease: { workerId, expiresAt: Math.max(promise.lease.expiresAt, now + leaseMs) } });
        return promise.id;
      }),
    stillLeased: async (workerId, ids) => heldBy(workerId, ids).map(({ id }) => id),
    leaseHolders: async () => [...new Set([...promises.rows()].flatMap((promise) => holderOf(promise) ?? []))],
    endLeases: async (workerIds, now) => {
      for (const promise of [...promises.rows()]) {
        if (!workerIds.includes(holderOf(promise) ?? '')) continue;
        if (promise.status !== 'in_progress') promises.put(withoutLease(promise));
        else if (promise.lease.expiresAt > now) promises.put({ ...promise, lease: { ...promise.lease, expiresAt: now } });
      }
    },
    releaseLeases: async (workerId, runs) => {
      for (const { id, attempts } of runs) {
        const promise = promises.get(id);
        if (promise && isSettled(promise) && holderOf(promise) === workerId && promise.attempts === attempts)
          promises.put(withoutLease(promise));
      }
    },
    nextDueAt: async () => {
      let earliest: number | undefined;
      for (const promise of promises.rows()) {
        const at = claimableAt(promise);
        if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
      }
      return earliest;
    },
  };
};
