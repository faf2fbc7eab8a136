import { type ConversationStep, tokensOf } from './conversation.ts';

/** How much of a conversation a model is shown. */
export interface HistoryRoom {
  readonly maxSteps: number;
  /** By the rough count. */
  readonly maxTokens: number;
}

/** A conversation that takes up more of its room than this is summed up… */
const FULL = 0.8;
/** …until so much of it is left: then its beginning stays the same for many turns. */
const LEFT = 0.4;

/** Whether a conversation nearly fills its room. */
export const isFull = (steps: readonly ConversationStep[], room: HistoryRoom): boolean =>
  steps.length > FULL * room.maxSteps || steps.reduce((sum, step) => sum + tokensOf(step), 0) > FULL * room.maxTokens;

/**
 * How many of the first steps a summary should stand for: none while there is room. What is left begins with what a
 * person says, and holds at least the last of these and all behind it.
 */
export const stepsToSumUp = (steps: readonly ConversationStep[], room: HistoryRoom): number => {
  if (!isFull(steps, room)) return 0;
  let start = steps.length;
  let tokens = 0;
  while (start > 0 && steps.length - start < LEFT * room.maxSteps) {
    tokens += tokensOf(steps[start - 1] as ConversationStep);
    if (tokens > LEFT * room.maxTokens) break;
    start--;
  }
  const isAsked = ({ role }: ConversationStep): boolean => role === 'person';
  const next = steps.findIndex((step, at) => at >= start && isAsked(step));
  return Math.max(0, next >= 0 ? next : steps.findLastIndex(isAsked));
};
