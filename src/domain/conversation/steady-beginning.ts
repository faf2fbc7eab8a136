import type { MessageId } from '../chat/ids.ts';
import type { ConversationStep } from './conversation.ts';

/** One in so many messages is one at which a conversation may begin. */
const SPACING = 6;

/**
 * A conversation of which only the end is shown, from a message on that it also begins with while it goes on: most of
 * its later requests begin with the very same words, and models go on from what they have cached. At most half of what
 * stands before the last `asked` steps is left out for that.
 */
export const withSteadyBeginning = (steps: readonly ConversationStep[], asked: number): readonly ConversationStep[] => {
  const most = Math.floor((steps.length - asked) / 2);
  const start = steps.findIndex((step) => step.role === 'person' && step.messageId !== undefined && isLandmark(step.messageId));
  return start > 0 && start <= most ? steps.slice(start) : steps;
};

/** Spread over the ids of messages (FNV-1a, 32 bits), however alike those of one chat are. */
const isLandmark = (id: MessageId): boolean => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0 < 2 ** 32 / SPACING;
};
