import { accessOf, originOfTask } from '../../domain/message/access.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, type Scope, scopeOf } from '../../domain/workspace/policy.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Spender } from '../budgets/limits.ts';

/** Whoever asked for a promise spends what it costs. */
export const spenderOf = ({ id, chatId, chatKind, requestedBy, agent }: LeasedPromise, workspace: string | undefined): Spender => ({
  chatId,
  chatKind,
  person: requestedBy.id,
  agent,
  promiseId: id,
  ...present({ workspace }),
});

/**
 * What the work on a promise may touch, by the policy of now. Throws PortError `unauthorised` if its chat or person is
 * no longer allowed.
 */
export const scopeOfPromise = (promise: LeasedPromise, policy: AccessPolicy): Scope => {
  const origin = originOfTask(promise);
  const access = accessOf(policy, origin);
  if (access.allowed) return scopeOf(policy, origin);
  throw new PortError('unauthorised', `Its chat or person is no longer allowed (${access.rule}, see ${access.path}).`, {
    retryable: false,
  });
};
