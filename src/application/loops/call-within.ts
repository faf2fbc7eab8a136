import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';

type Timers = Pick<Clock, 'after'>;
type Call<T> = (signal: AbortSignal) => Promise<T>;

const NEVER = new AbortController().signal;

export interface CallOptions<T> {
  /** As soon as it aborts, the call is aborted, and rejects with PortError `aborted`. */
  readonly stopping?: AbortSignal | undefined;
  /** What a call that is late resolves to. Default: it rejects with PortError `timeout`. */
  readonly late?: (() => T) | undefined;
}

/** Settles as `call` does, or after `ms`. Its signal aborts then, and nobody waits for a call that takes no notice. */
export const callWithin = async <T>(
  clock: Timers,
  ms: number,
  call: Call<T>,
  { stopping = NEVER, late }: CallOptions<T> = {},
): Promise<T> => {
  if (stopping.aborted) throw stopped();
  const limit = new AbortController();
  const over = Promise.withResolvers<T>();
  const stop = (): void => {
    const error = stopped();
    over.reject(error);
    limit.abort(error);
  };
  const cancel = clock.after(ms, () => {
    const error = noAnswer(ms);
    if (late) over.resolve(late());
    else over.reject(error);
    limit.abort(error);
  });
  stopping.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([call(limit.signal), over.promise]);
  } finally {
    cancel();
    stopping.removeEventListener('abort', stop);
  }
};

const stopped = (): PortError => new PortError('aborted', 'this process stops', { retryable: true });
const noAnswer = (ms: number): PortError => new PortError('timeout', `no answer within ${ms / 1_000} s`, { retryable: true });

export interface Asked<T> {
  /** Who is asked. */
  readonly who: object;
  readonly ms: number;
  readonly ask: Call<T>;
  /** What one that is late for so long resolves to. Default: it rejects with PortError `timeout`. */
  readonly late?: ((ms: number) => T) | undefined;
}

/**
 * Asks within a time limit. One that hangs is late at once, and is not asked a second time until it has come back, or
 * `againMs` have passed: hung calls would pile up, and so would those who wait for them.
 */
export const makeAskWithin = <T>(clock: Timers & Pick<Clock, 'now' | 'elapsed'>, againMs: number): ((asked: Asked<T>) => Promise<T>) => {
  const elapsed = clock.elapsed ?? clock.now;
  /** When those that hang were asked. */
  const hanging = new WeakMap<object, number>();

  return async ({ who, ms, ask, late }) => {
    const askedAt = elapsed();
    const hangsMs = askedAt - (hanging.get(who) ?? Number.NEGATIVE_INFINITY);
    if (hangsMs < againMs) {
      if (late) return late(hangsMs);
      throw noAnswer(ms);
    }
    const comesBack = (): void => {
      if (hanging.get(who) === askedAt) hanging.delete(who);
    };
    const call: Call<T> = (signal) => {
      const answer = ask(signal);
      signal.addEventListener('abort', () => hanging.set(who, askedAt), { once: true });
      answer.then(comesBack, comesBack);
      return answer;
    };
    return callWithin(clock, ms, call, { late: late && (() => late(ms)) });
  };
};
