import type { MessageId } from '../chat/ids.ts';
import type { OutboxItem } from '../outbox/outbox.ts';
import type { ApprovalStatus, ApprovedCall } from './approval.ts';

/**
 * What brings a card up to date. `wait`: it is on its way. `edit`: that message. `tell`: a message of its own, because
 * the card can't be changed. `leave`: nobody has seen a card, or what became of it is told anyway.
 */
export type CardStep =
  | { readonly type: 'wait' | 'leave' }
  | { readonly type: 'edit'; readonly messageId: MessageId }
  /** `isElsewhere`: its chat has moved since, and the card with it can't. */
  | { readonly type: 'tell'; readonly replyTo?: MessageId; readonly isElsewhere?: true };

/**
 * The next step for the card of an approval. `canEdit`: its gateway edits what it has sent. A card that stands in a
 * group as it was before it became a supergroup says for ever that it asks: what became of it is always told.
 */
export const cardStep = (
  { status, call }: { readonly status: ApprovalStatus; readonly call: Pick<ApprovedCall, 'chatId'> },
  card: OutboxItem | undefined,
  canEdit: boolean,
): CardStep => {
  if (card?.status === 'pending') return { type: 'wait' };
  if (card?.status !== 'sent' || status === 'asked') return { type: 'leave' };
  if (card.chatId !== call.chatId) return { type: 'tell', isElsewhere: true };
  const { sentMessageId } = card;
  if (canEdit && sentMessageId !== undefined) return { type: 'edit', messageId: sentMessageId };
  // The result of the promise follows as a message of its own.
  if (status === 'done') return { type: 'leave' };
  return sentMessageId === undefined ? { type: 'tell' } : { type: 'tell', replyTo: sentMessageId };
};
