import { doublingMs } from '../../domain/shared/backoff.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../clock.ts';
import { isPortError, PortError } from '../port-error.ts';
import { pause } from './pause.ts';

/** How patient a reader of a service is. */
export interface ReadPatience {
  /** Requests for one answer, the first one included. */
  readonly attempts: number;
  /** How long one request may take, until the end of its answer. */
  readonly attemptMs: number;
  /** The wait before the second request. It doubles with each. */
  readonly baseMs: number;
  /** The longest wait. A service that asks for a longer one is given up at once. */
  readonly maxWaitMs: number;
}

const DEFAULT_PATIENCE: ReadPatience = { attempts: 3, attemptMs: 10_000, baseMs: 250, maxWaitMs: 2_000 };

/**
 * Asks a service for something that changes nothing there. Asks again, soon and at most twice, where the service is
 * busy or can't be reached; a silent one has used up its time, and one that asks for a long pause is left alone: both
 * are told at once. `request` rejects with PortErrors.
 */
export const readService = async <T>(
  request: (signal: AbortSignal) => Promise<T>,
  {
    who,
    clock,
    signal,
    patience,
  }: {
    readonly who: string;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly patience?: Partial<ReadPatience> | undefined;
  },
): Promise<T> => {
  const { attempts, attemptMs, baseMs, maxWaitMs } = { ...DEFAULT_PATIENCE, ...patience };
  const aborted = (cause: unknown): PortError => new PortError('aborted', `the call to ${who} was aborted`, { retryable: false, cause });

  const attempt = async (): Promise<T> => {
    const overtime = new AbortController();
    const cancel = clock.after(attemptMs, () => overtime.abort());
    try {
      return await request(AbortSignal.any([signal, overtime.signal]));
    } catch (error) {
      if (signal.aborted) throw aborted(error);
      if (!overtime.signal.aborted) throw error;
      const words = `${who} did not give its whole answer within ${Math.ceil(attemptMs / 1000)} s`;
      throw new PortError('timeout', words, { retryable: true, cause: error });
    } finally {
      cancel();
    }
  };

  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPortError(error) || (error.code !== 'unavailable' && error.code !== 'rate-limited')) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > maxWaitMs) throw withPause(error, asked);
      if (failures >= attempts) throw error;
      await pause(clock, Math.max(asked, doublingMs(failures, baseMs, maxWaitMs)), signal);
      if (signal.aborted) throw aborted(error);
    }
  }
};

/** The same failure, and in its words how long the service wants to be left alone. */
const withPause = (error: PortError, ms: number): PortError =>
  new PortError(error.code, `${error.message}; it asks for a pause of ${pauseInWords(ms)}`, {
    retryable: error.retryable,
    retryAfterMs: ms,
    ...present({ help: error.help }),
    cause: error,
  });

/** `90 s`, `60 minutes` */
export const pauseInWords = (ms: number): string => (ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} minutes`);
