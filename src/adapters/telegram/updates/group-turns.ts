import type { Clock } from '../../../ports/index.ts';
import { makeRetries } from './retries.ts';

/** Which groups are asked what they have missed, and when. */
export interface GroupTurns {
  /** It has missed something: it is asked soon, side by side with a few others. */
  soon(stream: string): void;
  /** They may have missed something: they are asked one by one, slowly, when no other waits. */
  round(streams: readonly string[]): void;
  stop(): void;
}

/**
 * At most so many groups are asked side by side. The number begins with one and doubles, so that one call meets a flood
 * wait, and not all of them.
 */
const MAX_SIDE_BY_SIDE = 10;
const ALL = 'all';

/**
 * `ask` resolves when that group has been asked. It resolves to a number if no group may be asked now: for so many ms,
 * or, at 0, for as long as seems good. That group is asked again then.
 */
export const makeGroupTurns = (clock: Clock, roundIntervalMs: number, ask: (stream: string) => Promise<number | undefined>): GroupTurns => {
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

  const next = (): readonly [stream: string, of: Set<string>] | undefined => {
    for (const stream of behind) if (!asked.has(stream)) return [stream, behind];
    if (roundRests) return undefined;
    for (const stream of others) if (!asked.has(stream)) return [stream, others];
    return undefined;
  };

  const begin = (): void => {
    while (!ended && !rests && asked.size < most) {
      const turn = next();
      if (!turn) return;
      void take(...turn);
    }
  };

  const take = async (stream: string, of: Set<string>): Promise<void> => {
    behind.delete(stream);
    others.delete(stream);
    asked.add(stream);
    if (of === others) roundRests = true;
    const restMs = await ask(stream);
    asked.delete(stream);
    if (restMs === undefined) {
      retries.end(ALL);
      most = Math.min(MAX_SIDE_BY_SIDE, 2 * most);
    } else {
      of.add(stream);
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
    soon: (stream) => {
      behind.add(stream);
      begin();
    },
    round: (streams) => {
      for (const stream of streams) others.add(stream);
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
