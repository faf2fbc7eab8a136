import type { Clock } from '../../../ports/index.ts';
import { makeRetries } from './retries.ts';

/** Which groups are asked what they have missed, and when. */
export interface GroupTurns {
  /** It has missed something: asked as soon as may be, with a few others. */
  soon(sequence: string): void;
  /** They may have missed something: asked one by one, slowly, when no other waits. */
  round(sequences: readonly string[]): void;
  stop(): void;
}

/**
 * How many groups are asked side by side. It begins with one, and doubles: a flood wait is met by one call, not by all
 * of them.
 */
const MOST = 10;
const ALL = 'all';

/**
 * `ask` resolves when that group has been asked; to a number where no group is to be asked for now: for so many ms, or,
 * at 0, as long as seems good. That group is asked again then.
 */
export const makeGroupTurns = (
  clock: Clock,
  roundIntervalMs: number,
  ask: (sequence: string) => Promise<number | undefined>,
): GroupTurns => {
  const behind = new Set<string>();
  const others = new Set<string>();
  const asked = new Set<string>();
  let most = 1;
  let rests = false;
  let roundRests = false;
  let cancelRound = (): void => undefined;
  let ended = false;
  const retries = makeRetries(clock, () => {
    rests = false;
    begin();
  });

  const next = (): readonly [sequence: string, of: Set<string>] | undefined => {
    for (const sequence of behind) if (!asked.has(sequence)) return [sequence, behind];
    if (roundRests) return undefined;
    for (const sequence of others) if (!asked.has(sequence)) return [sequence, others];
    return undefined;
  };

  const begin = (): void => {
    while (!ended && !rests && asked.size < most) {
      const turn = next();
      if (!turn) return;
      void take(...turn);
    }
  };

  const take = async (sequence: string, of: Set<string>): Promise<void> => {
    behind.delete(sequence);
    others.delete(sequence);
    asked.add(sequence);
    if (of === others) roundRests = true;
    const restMs = await ask(sequence);
    asked.delete(sequence);
    if (restMs === undefined) {
      retries.end(ALL);
      most = Math.min(MOST, 2 * most);
    } else {
      of.add(sequence);
      most = 1;
      rests = true;
      retries.later(ALL, restMs);
    }
    if (of === others)
      cancelRound = clock.after(roundIntervalMs, () => {
        roundRests = false;
        begin();
      });
    begin();
  };

  return {
    soon: (sequence) => {
      behind.add(sequence);
      begin();
    },
    round: (sequences) => {
      for (const sequence of sequences) others.add(sequence);
      retries.end(ALL);
      rests = false;
      begin();
    },
    stop: () => {
      ended = true;
      retries.stop();
      cancelRound();
    },
  };
};
