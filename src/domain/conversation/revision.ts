import type { MessageId } from '../chat/ids.ts';
import { MAX_OVERHEARD_REPLIED_LENGTH, MAX_REPLIED_LENGTH } from '../message/replied.ts';
import { beginningOf } from '../shared/excerpt.ts';
import type { ConversationStep } from './conversation.ts';

const isOneOf = (id: MessageId | undefined, ids: readonly MessageId[]): boolean => id !== undefined && ids.includes(id);

/** Whether that is one of these messages, or replies to one. */
export const isAbout = (step: ConversationStep, ids: readonly MessageId[]): boolean =>
  step.role === 'person' && (isOneOf(step.messageId, ids) || isOneOf(step.replied?.messageId, ids));

/** The step, where that message says something else now. */
export const revisedStep = (step: ConversationStep, messageId: MessageId, text: string): ConversationStep => {
  if (step.role !== 'person') return step;
  if (step.messageId === messageId) return { ...step, text };
  if (step.replied?.messageId !== messageId) return step;
  const length = step.overheard ? MAX_OVERHEARD_REPLIED_LENGTH : MAX_REPLIED_LENGTH;
  return { ...step, replied: { ...step.replied, text: beginningOf(text, length) } };
};

/**
 * The step, where these messages are gone: undefined if it is one of them; else nothing that it tells of what it
 * replies to.
 */
export const stepWithout = (step: ConversationStep, ids: readonly MessageId[]): ConversationStep | undefined => {
  if (step.role !== 'person') return step;
  if (isOneOf(step.messageId, ids)) return undefined;
  if (!step.replied || !isOneOf(step.replied.messageId, ids)) return step;
  const { text: _, quote: __, ...replied } = step.replied;
  return { ...step, replied };
};
