import { isDeepStrictEqual } from 'node:util';
import { type AgentPromise, isSettled, type Lease, type PromiseSpec, type PromiseStatus } from '../../src/domain/index.ts';

/**
 * The table of the promise's life: what may follow what. A run that is taken over from a dead worker is a step, too.
 */
const NEXT: Readonly<Record<PromiseStatus, readonly PromiseStatus[]>> = {
  waiting: ['waiting', 'pending', 'failed', 'cancelled'],
  pending: ['in_progress', 'failed', 'cancelled'],
  in_progress: ['waiting', 'pending', 'in_progress', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['waiting', 'pending'],
  cancelled: ['waiting', 'pending'],
};

type Counts = Pick<AgentPromise, 'attempts' | 'failures' | 'lostLeases'>;

const countsOf = ({ attempts, failures, lostLeases }: Counts): Counts => ({ attempts, failures, lostLeases });

/**
 * Counts never fall, but for two cases: who hands a promise back takes its own attempt with it, and a retry by hand
 * begins anew.
 */
const countsAfter = (before: AgentPromise, { status }: AgentPromise): readonly Counts[] => {
  const same = countsOf(before);
  if (status === 'in_progress')
    return [{ ...same, attempts: same.attempts + 1, lostLeases: same.lostLeases + (before.status === 'in_progress' ? 1 : 0) }];
  if (isSettled(before)) return [{ ...same, failures: 0, lostLeases: 0 }];
  if (before.status !== 'in_progress') return [same];
  const failed = { ...same, failures: same.failures + 1 };
  if (status === 'pending') return [failed, { ...same, attempts: same.attempts - 1 }];
  return status === 'failed' ? [failed, same] : [same];
};

const TERMS: Readonly<Record<Exclude<keyof PromiseSpec, 'deadline' | 'provenance'>, true>> = {
  id: true,
  chatId: true,
  chatKind: true,
  messageId: true,
  requestedBy: true,
  description: true,
  agent: true,
  taskType: true,
  tenant: true,
  priority: true,
  dependsOn: true,
  notBefore: true,
  retry: true,
  idempotencyKey: true,
  metadata: true,
  createdAt: true,
};

/** What each state says beyond terms and counts: nothing of an old state may be left behind. */
const OWN: Readonly<Record<PromiseStatus, readonly string[]>> = {
  waiting: ['approvalId'],
  pending: ['dueAt', 'lastError'],
  in_progress: ['startedAt', 'lease', 'progress', 'lastError'],
  completed: ['completedAt', 'result', 'deliveredAt'],
  failed: ['completedAt', 'error', 'deliveredAt', 'lease'],
  cancelled: ['completedAt', 'reason', 'deliveredAt', 'lease'],
};
const EVERY: readonly string[] = [
  ...Object.keys(TERMS),
  'deadline',
  'provenance',
  'attempts',
  'failures',
  'lostLeases',
  'version',
  'status',
];

/** A deadline goes when a promise is retried by hand that has missed it, and at no other time. */
const keepsDeadline = (before: AgentPromise, after: AgentPromise): boolean =>
  after.deadline === before.deadline || (isSettled(before) && after.deadline === undefined);

const approvalOf = (promise: AgentPromise): number | undefined => ('approvalId' in promise ? promise.approvalId : undefined);

/** What waits for an approval runs only once that is decided; it begins to wait for one out of a run alone. */
const keepsApproval = (before: AgentPromise, after: AgentPromise): boolean => {
  if (before.status === 'waiting' && after.status === 'waiting') return approvalOf(before) !== undefined && approvalOf(after) === undefined;
  return approvalOf(after) === undefined || before.status === 'in_progress';
};

const leaseOf = (promise: AgentPromise): Lease | undefined => ('lease' in promise ? promise.lease : undefined);

/** What settles keeps the lease of the run that it cuts short, or none. */
const keepsLease = (before: AgentPromise, after: AgentPromise): boolean =>
  !isSettled(after) || leaseOf(after) === undefined || (!isSettled(before) && isDeepStrictEqual(leaseOf(after), leaseOf(before)));

/** What is wrong with this step in a promise's life, in words: nothing, as long as the law of promises is kept. */
export const faultsOfStep = (before: AgentPromise, after: AgentPromise): readonly string[] => {
  const step = `promise #${before.id}, ${before.status} → ${after.status}`;
  const faults: string[] = [];
  if (!NEXT[before.status].includes(after.status)) faults.push(`${step}: not in the table`);
  for (const term of Object.keys(TERMS) as (keyof typeof TERMS)[])
    if (!isDeepStrictEqual(before[term], after[term])) faults.push(`${step}: its ${term} changed`);
  if (!keepsApproval(before, after)) faults.push(`${step}: its approval was passed over`);
  if (!keepsDeadline(before, after)) faults.push(`${step}: its deadline changed`);
  if (!keepsLease(before, after)) faults.push(`${step}: a lease that it did not have`);
  const counts = countsOf(after);
  if (!countsAfter(before, after).some((allowed) => isDeepStrictEqual(allowed, counts)))
    faults.push(`${step}: counts ${JSON.stringify(countsOf(before))} → ${JSON.stringify(counts)}`);
  for (const field of Object.keys(after))
    if (!EVERY.includes(field) && !OWN[after.status].includes(field)) faults.push(`${step}: ${field} has no place there`);
  return faults;
};
