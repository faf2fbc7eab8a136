import type { Clock } from '../../ports/index.ts';
import { SAME_SIGNAL_MS } from '../signals.ts';
import type { Child } from './child.ts';

/** Ends processes, each with its work finished or given back. */
export interface Ending {
  end(child: Child): Promise<void>;
  /** Has all that end, now and later, give their work back at once. */
  hurry(): void;
}

/** `limitMs`: who has not ended by then is killed. */
export const makeEnding = (clock: Clock, limitMs: number): Ending => {
  const ending = new Set<Child>();
  let isHurried = false;
  /** A signal that comes too soon after the first one counts as the same. */
  const hurryOne = (child: Child): void => {
    clock.after(SAME_SIGNAL_MS + 100, () => {
      if (!child.hasEnded()) child.kill('SIGTERM');
    });
  };
  return {
    end: async (child) => {
      if (child.hasEnded()) return;
      ending.add(child);
      child.kill('SIGTERM');
      if (isHurried) hurryOne(child);
      const cancel = clock.after(limitMs, () => child.kill('SIGKILL'));
      await child.ended;
      cancel();
      ending.delete(child);
    },
    hurry: () => {
      isHurried = true;
      for (const child of ending) hurryOne(child);
    },
  };
};
