import { clockTime } from '../shared/time.ts';
import { type AgentPromise, isSettled } from './promise.ts';

/**
 * What is still ahead of a promise, on the clocks of `timeZone` (IANA name): `from 2026-11-23 09:00` when it starts,
 * `again at …` when it is tried next, `by …` its deadline.
 */
export const timesAhead = (promise: AgentPromise, timeZone: string): readonly string[] => {
  const { status, attempts, notBefore, deadline } = promise;
  const againAt = promise.status === 'pending' && promise.lastError ? promise.dueAt : undefined;
  const hasBegun = againAt !== undefined || attempts > 0 || (status !== 'pending' && status !== 'waiting');
  return [
    ...(!hasBegun && notBefore !== undefined ? [`from ${clockTime(notBefore, timeZone)}`] : []),
    ...(againAt !== undefined ? [`again at ${clockTime(againAt, timeZone)}`] : []),
    ...(!isSettled(promise) && deadline !== undefined ? [`by ${clockTime(deadline, timeZone)}`] : []),
  ];
};
