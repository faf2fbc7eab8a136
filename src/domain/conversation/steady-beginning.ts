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

/** Spread over the numbers of messages, however far apart those of one chat are. */
const isLandmark = (id: MessageId): boolean => {
  const once = Math.imul(id ^ (id >>> 16), 0x45d9f3b);
  const twice = Math.imul(once ^ (once >>> 16), 0x45d9f3b);
  return (twice ^ (twice >>> 16)) >>> 0 < 2 ** 32 / SPACING;
};
