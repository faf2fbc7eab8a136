import { rightDeniedFact } from '../../domain/audit/facts.ts';
import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { decideRight, type RightAbout } from '../../domain/rights/decide-right.ts';
import { denialWords } from '../../domain/rights/denial-words.ts';
import type { Action } from '../../domain/rights/rights.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { Done } from './command-reply.ts';

/** Tells whoever wrote a message, and the audit log, inside the unit of work that settles it. */
type RefusedRight = (stores: Pick<Stores, 'audit'>, at: number) => Promise<Done>;

/** What becomes of a command of somebody who may not give it; undefined where they may. */
export const refusedRight = (
  policy: AccessPolicy,
  { message }: Pick<InboxMessage, 'message'>,
  action: Action,
  about: Pick<RightAbout, 'tool'> & { readonly deed?: string } = {},
): RefusedRight | undefined => {
  const origin = originOf(message);
  const decision = decideRight(policy, origin, action, { ...present({ tool: about.tool }), senderKind: message.sender.kind });
  if (decision.allowed) return undefined;
  const { chatId, senderId } = origin;
  const { rule, path } = decision;
  return async ({ audit }, at) => {
    await audit.add([rightDeniedFact(message, decision, at)]);
    return {
      text: denialWords(policy, origin, decision, present({ deed: about.deed })),
      events: [{ type: 'right-denied', action, chatId, senderId, rule, path, door: 'command' }],
    };
  };
};
