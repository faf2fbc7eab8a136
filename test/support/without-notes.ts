import type { ConversationStep } from '../../src/domain/conversation/conversation.ts';

/** A conversation as it was had: without what Kept itself tells the model. */
export const withoutNotes = (conversation: readonly ConversationStep[] = []): ConversationStep[] =>
  conversation.filter((step) => step.role !== 'person' || !step.note);
