import { addUsage, NO_USAGE } from '../../domain/conversation/turn.ts';
import { doublingMs } from '../../domain/shared/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import { sleep } from '../loops/timers.ts';
import type { PatientModel } from './idle-watchdog.ts';
import { alsoPaid, paidBy, withPaid } from './paid.ts';

export interface RetrySettings {
  /** The number of calls, the first one included. */
  readonly attempts: number;
  /** The wait before the second call. It doubles with each call, and grows at random by up to a quarter. */
  readonly baseMs: number;
  /** The longest wait. A model that asks for a longer one is given up at once. */
  readonly maxWaitMs: number;
}

/**
 * The model, asked again after retryable errors. A `restart` event takes back what a failed call streamed. The usage of
 * failed calls is added to that of the reply, or of the last failure.
 */
export const withRetry = (
  model: PatientModel,
  deps: { readonly clock: Clock; readonly randomness: Randomness; readonly events?: Events } & RetrySettings,
): PatientModel => ({
  ...model,
  async respond(request, asking) {
    const { signal, onEvent } = asking;
    let paid = NO_USAGE;
    for (let attempt = 1; ; attempt++) {
      let streamed = false;
      try {
        const reply = await model.respond(request, {
          ...asking,
          onEvent: (event) => {
            if (event.type !== 'activity') streamed = event.type === 'text';
            onEvent(event);
          },
        });
        return withPaid(reply, paid);
      } catch (error) {
        const mayRepeat = attempt < deps.attempts && !signal.aborted && !(asking.hasStandIn && isSilence(error));
        const maxWaitMs = asking.hasStandIn ? Math.min(STAND_IN_WAIT_MS, deps.maxWaitMs) : deps.maxWaitMs;
        const waitMs = mayRepeat ? waitAfter(error, attempt, { ...deps, maxWaitMs }) : undefined;
        if (waitMs === undefined) throw alsoPaid(error, paid);
        paid = addUsage(paid, paidBy(error));
        deps.events?.emit({ type: 'model-retried', model: model.name, attempt, waitMs, reason: reasonOf(error) });
        if (streamed) onEvent({ type: 'restart' });
        await pause(deps.clock, waitMs, signal, model.name).catch((aborted: unknown) => {
          throw alsoPaid(aborted, paid);
        });
      }
    }
  },
});

/** The longest wait if another model can be asked instead. */
const STAND_IN_WAIT_MS = 2_000;

/** A silent model has used up its time: the next one is asked at once. */
const isSilence = (error: unknown): boolean => isPortError(error) && error.code === 'timeout';

/** How long to wait before the next call; undefined if there is none. */
const waitAfter = (error: unknown, attempt: number, deps: RetrySettings & { readonly randomness: Randomness }): number | undefined => {
  if (!isPortError(error) || !error.retryable || ['aborted', 'over-budget'].includes(error.code)) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > deps.maxWaitMs) return undefined;
  const backoff = doublingMs(attempt, deps.baseMs, Number.POSITIVE_INFINITY) * (1 + deps.randomness.fraction() / 4);
  return Math.round(Math.min(deps.maxWaitMs, Math.max(asked, backoff)));
};

/** Rejects with PortError `aborted` as soon as `signal` aborts. */
const pause = async (clock: Clock, ms: number, signal: AbortSignal, who: string): Promise<void> => {
  await sleep(clock, ms, signal);
  if (signal.aborted) throw new PortError('aborted', `the wait for ${who} was aborted`, { retryable: false });
};
