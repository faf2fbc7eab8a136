import type { MessageId } from '../chat/ids.ts';
import type { OutboxItem } from '../outbox/outbox.ts';
import type { ApprovalStatus } from './approval.ts';

/**
 * What brings a card up to date. `wait`: it is on its way. `edit`: that message. `tell`: a message of its own, because
 * the card can't be changed. `leave`: nobody has seen a card, or what became of it is told anyway.
 */
export type CardStep =
  | { readonly type: 'wait' | 'leave' }
  | { readonly type: 'edit'; readonly messageId: MessageId }
  | { readonly type: 'tell'; readonly replyTo?: MessageId };

/** The next step for the card of an approval with that status. `canEdit`: its gateway edits what it has sent. */
export const cardStep = (status: ApprovalStatus, card: OutboxItem | undefined, canEdit: boolean): CardStep => {
  if (card?.status === 'pending') return { type: 'wait' };
  if (card?.status !== 'sent' || status === 'asked') return { type: 'leave' };
  const { sentMessageId } = card;
  if (canEdit && sentMessageId !== undefined) return { type: 'edit', messageId: sentMessageId };
  // The result of the promise follows as a message of its own.
  if (status === 'done') return { type: 'leave' };
  return sentMessageId === undefined ? { type: 'tell' } : { type: 'tell', replyTo: sentMessageId };
};
