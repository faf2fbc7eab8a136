import { accessOf, originOfTask } from '../../domain/message/access.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, movedPolicy, type Scope, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ChatMoves } from '../../ports/storage/chat-moves.ts';
import type { Spender } from '../budgets/limits.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';

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
 * What the work on a promise may touch, by the configuration of now. Rejects with PortError `unauthorised` if its chat
 * or person is no longer allowed.
 */
export const scopeOfPromise = async (
  promise: LeasedPromise,
  deps: {
    readonly policy: AccessPolicy;
    readonly chatMoves?: Pick<ChatMoves, 'list'>;
    readonly clock: Clock;
    readonly events: Events;
  },
  signal: AbortSignal,
): Promise<{ readonly scope: Scope; readonly policy: AccessPolicy }> => {
  const origin = originOfTask(promise);
  // The promise may have moved here with its chat, in another process.
  const policy = movedPolicy(deps.policy, deps.chatMoves ? await retryWhileUnavailable(deps.chatMoves.list, deps, signal) : []);
  const access = accessOf(policy, origin);
  if (!access.allowed)
    throw new PortError('unauthorised', `Its chat or person is no longer allowed (${access.rule}, see ${access.path}).`, {
      retryable: false,
    });
  return { scope: scopeOf(policy, origin), policy };
};
