import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { decideRight, type RightAbout } from '../../domain/rights/decide-right.ts';
import { denialWords } from '../../domain/rights/denial-words.ts';
import type { Action } from '../../domain/rights/rights.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Done } from './command-reply.ts';

/** What whoever wrote a message is told where they may not do something; undefined where they may. */
export const refusedRight = (
  policy: AccessPolicy,
  { message }: Pick<InboxMessage, 'message'>,
  action: Action,
  about: Pick<RightAbout, 'tool'> = {},
): Done | undefined => {
  const origin = originOf(message);
  const decision = decideRight(policy, origin, action, { ...about, senderKind: message.sender.kind });
  if (decision.allowed) return undefined;
  const { chatId, senderId } = origin;
  const { rule, path } = decision;
  return {
    text: denialWords(policy, origin, decision),
    events: [{ type: 'right-denied', action, chatId, senderId, rule, path, door: 'command' }],
  };
};
