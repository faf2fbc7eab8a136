import { doublingMs } from '../../domain/shared/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';

/** The first cooldown of a model that can't serve. It doubles with each failure in a row, up to the limit. */
export const FIRST_COOLDOWN_MS = 60_000;
const MAX_OWN_COOLDOWN_MS = 15 * 60_000;
/** The longest cooldown that a model may ask for: it is tried at least once a day. */
export const MAX_COOLDOWN_MS = 24 * 60 * 60_000;
/** A model that asks for no more than this is waited for within the call. */
export const MAX_WAIT_MS = 10_000;

/** Failures after which a model can't serve for a while, whatever the request. */
const COOLING_CODES: ReadonlySet<PortErrorCode> = new Set<PortErrorCode>([
  'unauthorised',
  'not-found',
  'out-of-credit',
  'rate-limited',
  'unavailable',
  'timeout',
]);

/** Why, and until when (ms since 1970), a model is not asked, or asked after the others. */
export interface Cooldown {
  readonly until: number;
  readonly since: number;
  readonly code: PortErrorCode;
  /** True if the model asked for it: then it is not asked at all. If false, it is asked after all others. */
  readonly asked: boolean;
  /** Failures in a row. */
  readonly failures: number;
}

/** Cooldowns that outlive the process: one entry for each model, under its name. */
export type CooldownStore = Pick<KeyValueState, 'set' | 'list'>;

/**
 * The cooldowns of models. Processes that share a store share cooldowns. A cooldown that a model asked for survives a
 * restart; any other does not, as the new process may have a new key. If storage fails, a process uses its own.
 */
export const makeModelCooldowns = (deps: {
  readonly clock: Clock;
  readonly events: Events;
  readonly store?: CooldownStore | undefined;
}) => {
  const startedAt = deps.clock.now();
  let cooldowns = new Map<string, Cooldown>();

  const keep = async (name: string, cooldown: Cooldown | undefined): Promise<void> => {
    try {
      await deps.store?.set(new Map([[name, cooldown && JSON.stringify(cooldown)]]));
    } catch (error) {
      deps.events.emit({ type: 'model-state-not-stored', model: name, state: 'cooldown', reason: reasonOf(error) });
    }
  };

  const of = (name: string): Cooldown | undefined => {
    const cooldown = cooldowns.get(name);
    return cooldown && cooldown.until > deps.clock.now() ? cooldown : undefined;
  };

  return {
    /** Reads what other processes know. */
    async refresh(): Promise<void> {
      if (!deps.store) return;
      try {
        const stored = cooldownsIn(await deps.store.list(''));
        cooldowns = new Map([...stored].filter(([, { asked, since }]) => asked || since >= startedAt));
      } catch (error) {
        deps.events.emit({ type: 'model-state-unread', reason: reasonOf(error) });
      }
    },
    /** The cooldown of a model that is in force now. */
    of,
    async failed(name: string, error: unknown): Promise<void> {
      const cooldown = cooldownAfter(error, cooldowns.get(name), deps.clock.now());
      if (!cooldown) return;
      cooldowns.set(name, cooldown);
      await keep(name, cooldown);
    },
    /**
     * Ends a cooldown and its count of failures, unless the model asked for it: the answered call began before that.
     */
    async answered(name: string): Promise<void> {
      if (!of(name)?.asked && cooldowns.delete(name)) await keep(name, undefined);
    },
  };
};

export type ModelCooldowns = ReturnType<typeof makeModelCooldowns>;

const cooldownAfter = (error: unknown, before: Cooldown | undefined, now: number): Cooldown | undefined => {
  if (!isPortError(error) || !(COOLING_CODES.has(error.code) || error.retryAfterMs !== undefined)) return undefined;
  const { code, retryAfterMs = 0 } = error;
  const inForce = before && before.until > now ? before : undefined;
  // Calls that fail side by side are one failure.
  const failures = inForce?.failures ?? (before?.failures ?? 0) + 1;
  const asked = retryAfterMs > MAX_WAIT_MS;
  const ms = asked ? Math.min(retryAfterMs, MAX_COOLDOWN_MS) : doublingMs(failures, FIRST_COOLDOWN_MS, MAX_OWN_COOLDOWN_MS);
  return inForce?.asked && !asked ? inForce : { until: now + ms, since: now, code, asked, failures };
};

/** The stored cooldowns. Entries that can't be read are left out. */
export const cooldownsIn = (entries: ReadonlyMap<string, string>): Map<string, Cooldown> =>
  new Map(
    [...entries].flatMap(([name, stored]) => {
      const cooldown = cooldownFrom(stored);
      return cooldown ? [[name, cooldown] as const] : [];
    }),
  );

const cooldownFrom = (stored: string): Cooldown | undefined => {
  try {
    const { until, since, code, asked, failures } = JSON.parse(stored) as Cooldown;
    return [until, since, failures].every(Number.isFinite) ? { until, since, code, asked, failures } : undefined;
  } catch {
    return undefined;
  }
};
