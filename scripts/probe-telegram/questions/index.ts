import type { Question } from '../context.ts';
import { layer, secondAddress } from './opening.ts';
import { reactionResults, reactionsHeard } from './reactions.ts';
import { lostReplies, migrated, repeats, replies } from './sending.ts';
import { namedGroups, privacyMode } from './streams.ts';

/** Questions that only Telegram itself can answer. */
export const QUESTIONS: readonly Question[] = [
  ...[layer, reactionResults, reactionsHeard, privacyMode, namedGroups, secondAddress, repeats, lostReplies, replies, migrated],
];
