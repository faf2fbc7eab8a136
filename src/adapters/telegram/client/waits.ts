import { backoffMs } from './backoff.ts';
import { whyNot } from './errors.ts';
import { closedUntil, doorsOf, forgetWaits } from './flood-waits.ts';
import type { StoredSession } from './session.ts';
import type { TelegramBase } from './settings.ts';
import { down, type StatusBoard } from './status.ts';
import { pause } from './within-time.ts';

/** The waits before a connection is opened. Each shows in the status, and ends early at a stop. */
export interface Waits {
  /** Failures in a row. */
  readonly failures: number;
  /** The wait after a failure: longer each time. */
  backOff(why: string, atLeastMs: number): Promise<void>;
  /** The next failure is the first again. */
  restart(): void;
  /** Waits for as long as Telegram has asked to open or sign in nothing. Resolves to whether it asked that. */
  heedFlood(stored: StoredSession | undefined): Promise<boolean>;
}

export const makeWaits = (base: TelegramBase, board: StatusBoard, signal: AbortSignal): Waits => {
  const { timing, clock, randomness, notice } = base;
  let failures = 0;

  const waitOut = async (waitMs: number, what: 'connection' | 'sign-in'): Promise<void> => {
    const elapsed = clock.elapsed ?? clock.now;
    const end = elapsed() + waitMs;
    const left = (): number => Math.max(0, Math.ceil((end - elapsed()) / 1000));
    board.show(() => down(`Telegram wants no ${what} for another ${left()} s (flood wait); waiting for it`));
    notice('flood-wait', { waitMs });
    await pause(clock, waitMs, signal);
  };

  return {
    get failures() {
      return failures;
    },
    backOff: async (why, atLeastMs) => {
      failures += 1;
      const longest = backoffMs({ firstMs: timing.reconnectFirstMs, capMs: timing.reconnectCapMs }, failures);
      const waitMs = Math.max(atLeastMs, Math.round(longest * (1 - randomness.fraction() / 2)));
      const detail = `not connected (${whyNot(why)}); trying again, attempt ${failures + 1}`;
      board.show(() => down(detail));
      notice(failures === 1 ? 'connection-lost' : 'connection-retried', { reason: why, failures, waitMs });
      await pause(clock, waitMs, signal);
    },
    restart: () => {
      failures = 0;
    },
    heedFlood: async (stored) => {
      const doors = doorsOf(stored);
      const closed = await closedUntil(base, doors);
      if (closed === undefined) return false;
      await waitOut(closed - clock.now(), stored ? 'connection' : 'sign-in');
      // The clock was set back meanwhile.
      if (!signal.aborted && closed > clock.now()) await forgetWaits(base, doors);
      return true;
    },
  };
};
