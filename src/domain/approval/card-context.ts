import { decideRight, ownersOf } from '../rights/decide-right.ts';
import { present } from '../shared/present.ts';
import type { AccessPolicy } from '../workspace/policy.ts';
import type { Approval } from './approval.ts';
import type { CardContext } from './card-text.ts';

/** What the configuration says of the people whom a card names. `price`: what the call may cost, in words. */
export const cardContext = (policy: AccessPolicy | undefined, approval: Approval, price?: string): CardContext => {
  const { call, chatKind, requestedBy } = approval;
  const nameOf: CardContext['nameOf'] = (id) =>
    policy?.people?.get(id)?.name || (id === requestedBy.id && requestedBy.username !== undefined ? `@${requestedBy.username}` : undefined);
  if (!policy) return { nameOf, ...present({ price }) };
  const place = { chatId: call.chatId, chatKind };
  const asker = { ...place, senderId: requestedBy.id, ...present({ username: requestedBy.username }) };
  const isOwn = chatKind === 'direct' && decideRight(policy, asker, 'approve', { requestedBy: requestedBy.id }).allowed;
  const approvers = isOwn ? [requestedBy.id] : ownersOf(policy, place).map(({ id }) => id);
  return { nameOf, approvers: approvers.map((id) => nameOf(id) ?? id), ...present({ price }) };
};
