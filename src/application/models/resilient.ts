import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { Randomness } from '../../ports/randomness.ts';
import { type CooldownStore, MAX_WAIT_MS, makeModelCooldowns } from './cooldowns.ts';
import { withFailover } from './failover.ts';
import { withIdleWatchdog } from './idle-watchdog.ts';
import { withMeter } from './metered.ts';
import { withRetry } from './retry.ts';
import { type ModelHelp, withHelp } from './with-help.ts';

/** A model that streams nothing for this long counts as stuck. */
const IDLE_MS = 60_000;
/** A model that streams no text for this long counts as stuck, even if it sends pings. */
const TEXT_MS = 20 * 60_000;
const RETRIES = { attempts: 3, baseMs: 500, maxWaitMs: MAX_WAIT_MS };

interface ResilientDeps {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  /** Keeps cooldowns. Default: this process alone knows them. */
  readonly cooldownStore?: CooldownStore | undefined;
  /** What an operator should look at if a model fails. */
  readonly helpFor?: (model: LanguageModel) => ModelHelp;
}

/** A chain of models that agents use: each is watched while it streams and retried; then the next is asked. */
export const makeResilientModel = (models: readonly LanguageModel[], deps: ResilientDeps): LanguageModel =>
  makeResilientChains(deps)(models);

/** Makes such chains. A model that failed in one cools down in all. */
export const makeResilientChains = (deps: ResilientDeps): ((models: readonly LanguageModel[]) => LanguageModel) => {
  const { clock, randomness, events } = deps;
  const cooldowns = makeModelCooldowns({ clock, events, store: deps.cooldownStore });
  const watched = (model: LanguageModel) =>
    withRetry(withMeter(withHelp(withIdleWatchdog(model, { clock, idleMs: IDLE_MS, textMs: TEXT_MS }), deps.helpFor?.(model) ?? {})), {
      clock,
      randomness,
      events,
      ...RETRIES,
    });
  return (models) => withFailover(models.map(watched), { clock, events, cooldowns });
};
