import { accessOf, originOfTask } from '../../domain/message/access.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { roleOf } from '../../domain/rights/decide-right.ts';
import { present } from '../../domain/shared/present.ts';
import { type Provenance, UNKNOWN } from '../../domain/trust/labels.ts';
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
 * Where the words of a promise come from. Of one that was made before labels were, nobody can tell what its words were
 * taken from. One of a schedule of then stands by who asked for it: people see it at each tick. undefined: nothing is
 * known against it.
 */
export const sourceOfTask = (promise: LeasedPromise, policy: AccessPolicy): Provenance | undefined => {
  if (promise.provenance) return promise.provenance;
  if (promise.metadata.schedule === undefined) return UNKNOWN;
  return roleOf(policy, originOfTask(promise)).role === 'guest' ? { labels: ['guest'] } : undefined;
};

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
