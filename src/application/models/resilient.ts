import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { Randomness } from '../../ports/randomness.ts';
import { withFailover } from './failover.ts';
import { withIdleWatchdog } from './idle-watchdog.ts';
import { MAX_WAIT_MS, makeModelRests, type RestStore } from './rests.ts';
import { withRetry } from './retry.ts';
import { type ModelHelp, withHelp } from './with-help.ts';

/** A model that streams nothing for this long is taken to be stuck. */
const IDLE_MS = 60_000;
/**
 * A model that streams no text for this long is taken to be stuck, whatever else it sends: pings and comments cost
 * nothing.
 */
const TEXT_MS = 20 * 60_000;
const RETRIES = { attempts: 3, baseMs: 500, maxWaitMs: MAX_WAIT_MS };

/**
 * The models, first to last, as agents use them: watched while they stream, tried again, and stood in for by the next.
 */
export const makeResilientModel = (
  models: readonly LanguageModel[],
  deps: {
    readonly clock: Clock;
    readonly randomness: Randomness;
    readonly events: Events;
    /** Where it is kept which models rest; absent: in this process alone. */
    readonly restStore?: RestStore | undefined;
    /** What an operator looks at when that model fails. */
    readonly helpFor?: (model: LanguageModel) => ModelHelp;
  },
): LanguageModel => {
  const { clock, events } = deps;
  const watched = models.map((model) =>
    withRetry(withHelp(withIdleWatchdog(model, { clock, idleMs: IDLE_MS, textMs: TEXT_MS }), deps.helpFor?.(model) ?? {}), {
      ...deps,
      ...RETRIES,
    }),
  );
  return withFailover(watched, { clock, events, rests: makeModelRests({ clock, events, store: deps.restStore }) });
};
