import type { AgentPromise, TaskType } from './promise.ts';

/** A promise whose turn it may be. */
export interface Claimable extends Pick<AgentPromise, 'id' | 'tenant' | 'taskType' | 'status' | 'priority'> {
  /** Since when it may be claimed (ms since 1970). */
  readonly at: number;
}

/** The most urgent first; of one priority those that may be claimed for longest. */
export const inTurn = (a: Pick<Claimable, 'priority' | 'at' | 'id'>, b: Pick<Claimable, 'priority' | 'at' | 'id'>): number =>
  a.priority - b.priority || a.at - b.at || a.id - b.id;

/** Since when, or from when on, a promise may be claimed (ms since 1970); undefined where it may not. */
export const claimableAt = (promise: AgentPromise): number | undefined => {
  if (promise.status === 'pending') return promise.dueAt;
  return promise.status === 'in_progress' ? promise.lease.expiresAt : undefined;
};

/** How much one claim may bring. */
export interface Shares {
  readonly limit: number;
  /** Promises of one tenant that may be in progress at once. Default: any number. */
  readonly tenantConcurrency?: number;
  /** How many of a type. Default: `limit`. */
  readonly capacity?: Readonly<Partial<Record<TaskType, number>>>;
}

/** How many of a type one claim may bring. */
export const capacityFor = ({ limit, capacity = {} }: Shares, type: TaskType): number =>
  Math.max(0, Math.min(limit, capacity[type] ?? limit));

/**
 * The promises that a claim may start, of those due in the order of their turns. `running` counts the promises in
 * progress by tenant, expired leases included: taking over such a promise uses no further slot. A promise that gets no
 * slot does not delay those behind it.
 */
export const withinShares = <Due extends Pick<AgentPromise, 'tenant' | 'taskType' | 'status'>>(
  due: Iterable<Due>,
  { limit, tenantConcurrency = Number.POSITIVE_INFINITY, capacity = {} }: Shares,
  running: ReadonlyMap<string, number>,
): Due[] => {
  const slots = new Map(running);
  const left = new Map<TaskType, number>();
  const admitted: Due[] = [];
  for (const promise of due) {
    if (admitted.length >= limit) break;
    const { tenant, taskType, status } = promise;
    const ofType = left.get(taskType) ?? capacity[taskType] ?? limit;
    const ofTenant = (slots.get(tenant) ?? 0) + (status === 'pending' ? 1 : 0);
    if (ofType <= 0 || (status === 'pending' && ofTenant > tenantConcurrency)) continue;
    left.set(taskType, ofType - 1);
    slots.set(tenant, ofTenant);
    admitted.push(promise);
  }
  return admitted;
};
