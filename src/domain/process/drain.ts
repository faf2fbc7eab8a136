import type { PromiseId } from '../promise/promise.ts';
import { durationWords } from '../shared/duration.ts';
import { plural } from '../shared/plural.ts';

/** What a process has begun and not ended. */
export interface WorkInHand {
  /** How many chats it answers at the moment. */
  readonly turns: number;
  /** The promises that it keeps. */
  readonly promises: readonly PromiseId[];
}

/** What a process that ends waits for. */
export interface Drain extends WorkInHand {
  /** When it was asked to end, in ms since 1970. */
  readonly since: number;
  /** When it gives back or aborts what it has not finished by then. */
  readonly until: number;
}

const MAX_NAMED = 5;

/** `2 turns, 3 promises (#3, #4, #9)`; empty where nothing is under way. */
export const inHandWords = ({ turns, promises }: WorkInHand): string => {
  const named = promises.slice(0, MAX_NAMED).map((id) => `#${id}`);
  const more = promises.length > named.length ? [`${promises.length - named.length} more`] : [];
  return [
    ...(turns > 0 ? [plural(turns, 'turn')] : []),
    ...(promises.length > 0 ? [`${plural(promises.length, 'promise')} (${[...named, ...more].join(', ')})`] : []),
  ].join(', ');
};

/** `2 turns, 1 promise (#3); up to 12 s` */
export const drainWords = (drain: Drain, now: number): string => {
  const words = inHandWords(drain);
  if (words === '') return 'its parts to close';
  return now < drain.until ? `${words}; up to ${durationWords(drain.until - now)}` : `${words}; these are given back now`;
};
