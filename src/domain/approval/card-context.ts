import { inDollars } from '../budget/money.ts';
import { isLocalChat, OPERATOR_ID, type UserId } from '../chat/ids.ts';
import { decideRight, ownersOf } from '../rights/decide-right.ts';
import { present } from '../shared/present.ts';
import type { AccessPolicy } from '../workspace/policy.ts';
import type { Approval } from './approval.ts';
import type { CardContext } from './card-text.ts';

/**
 * What a card tells beside the approval: whom the configuration names, and what the call costs. Without a policy, the
 * card does not tell who may approve.
 */
export const cardContext = (policy: AccessPolicy | undefined, approval: Approval): CardContext => {
  const price = approval.cost === undefined ? undefined : `at most ${inDollars(approval.cost)}`;
  const nameOf = (id: UserId): string | undefined => knownName(policy, approval, id);
  return { nameOf, ...present({ price, approvers: policy && approversOf(policy, approval)?.map((id) => nameOf(id) ?? id) }) };
};

const knownName = (policy: AccessPolicy | undefined, { requestedBy }: Approval, id: UserId): string | undefined => {
  if (id === OPERATOR_ID) return 'the operator';
  const name = policy?.people?.get(id)?.name;
  if (name) return name;
  return id === requestedBy.id && requestedBy.username !== undefined ? `@${requestedBy.username}` : undefined;
};

/** Undefined in a local chat: it is the operator's own, and there is nobody else to name. */
const approversOf = (policy: AccessPolicy, { call: { chatId }, chatKind, requestedBy }: Approval): readonly UserId[] | undefined => {
  if (isLocalChat(chatId)) return undefined;
  const asker = { chatId, chatKind, senderId: requestedBy.id, ...present({ username: requestedBy.username }) };
  const isOwn = chatKind === 'direct' && decideRight(policy, asker, 'approve', { requestedBy: requestedBy.id }).allowed;
  return isOwn ? [requestedBy.id] : ownersOf(policy, { chatId, chatKind }).map(({ id }) => id);
};
