import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';

/** How long a model that can't serve stands behind the others, at first; it doubles with each failure in a row. */
export const COOL_DOWN_MS = 60_000;
const MAX_COOL_DOWN_MS = 15 * 60_000;
/** A longer rest is not believed: it is asked once a day at the least. */
export const MAX_REST_MS = 24 * 60 * 60_000;
/** What is asked for and shorter is waited for within a call. */
export const MAX_WAIT_MS = 10_000;

/** What keeps a model from serving for a while, whatever it is asked. */
const TIRING: ReadonlySet<PortErrorCode> = new Set([
  ...(['unauthorised', 'not-found', 'out-of-credit', 'rate-limited', 'unavailable', 'timeout'] as const),
]);

/** Why, and until when (ms since 1970), a model is left alone. */
export interface Rest {
  readonly until: number;
  readonly since: number;
  readonly code: PortErrorCode;
  /** It asked for this itself: until then it is not asked at all. Else it is asked after all others. */
  readonly asked: boolean;
  /** Failures in a row. */
  readonly failures: number;
}

/** Where rests outlive the process: one entry a model, under its name. */
export type RestStore = Pick<KeyValueState, 'set' | 'list'>;

/**
 * Which models rest. With a store, all processes that share it leave the same models alone; what a model asked for is
 * heeded over restarts, too, and what was ours is forgotten then: a new start may have a new key. Where storage fails,
 * each knows its own.
 */
export const makeModelRests = (deps: { readonly clock: Clock; readonly events: Events; readonly store?: RestStore | undefined }) => {
  const startedAt = deps.clock.now();
  let rests = new Map<string, Rest>();

  const keep = async (name: string, rest: Rest | undefined): Promise<void> => {
    try {
      await deps.store?.set(new Map([[name, rest && JSON.stringify(rest)]]));
    } catch (error) {
      deps.events.emit({ type: 'model-state-not-stored', model: name, state: 'cooldown', reason: reasonOf(error) });
    }
  };

  const of = (name: string): Rest | undefined => {
    const rest = rests.get(name);
    return rest && rest.until > deps.clock.now() ? rest : undefined;
  };

  return {
    /** Reads what other processes know. */
    async refresh(): Promise<void> {
      if (!deps.store) return;
      try {
        const stored = restsIn(await deps.store.list(''));
        rests = new Map([...stored].filter(([, { asked, since }]) => asked || since >= startedAt));
      } catch (error) {
        deps.events.emit({ type: 'model-state-unread', reason: reasonOf(error) });
      }
    },
    /** The rest that it takes now. */
    of,
    async failed(name: string, error: unknown): Promise<void> {
      const rest = restAfter(error, rests.get(name), deps.clock.now());
      if (!rest) return;
      rests.set(name, rest);
      await keep(name, rest);
    },
    /**
     * Ends a rest, and its count of failures. What was asked for stands: the call that is answered began before that.
     */
    async answered(name: string): Promise<void> {
      if (!of(name)?.asked && rests.delete(name)) await keep(name, undefined);
    },
  };
};

export type ModelRests = ReturnType<typeof makeModelRests>;

const restAfter = (error: unknown, before: Rest | undefined, now: number): Rest | undefined => {
  if (!isPortError(error) || !(TIRING.has(error.code) || error.retryAfterMs !== undefined)) return undefined;
  const { code, retryAfterMs = 0 } = error;
  const inForce = before && before.until > now ? before : undefined;
  // Calls that fail side by side are one failure.
  const failures = inForce?.failures ?? (before?.failures ?? 0) + 1;
  const asked = retryAfterMs > MAX_WAIT_MS;
  const ms = asked ? Math.min(retryAfterMs, MAX_REST_MS) : Math.min(COOL_DOWN_MS * 2 ** (failures - 1), MAX_COOL_DOWN_MS);
  return inForce?.asked && !asked ? inForce : { until: now + ms, since: now, code, asked, failures };
};

/** What is stored of them; what can't be read is no rest. */
export const restsIn = (entries: ReadonlyMap<string, string>): Map<string, Rest> =>
  new Map(
    [...entries].flatMap(([name, stored]) => {
      const rest = restFrom(stored);
      return rest ? [[name, rest] as const] : [];
    }),
  );

const restFrom = (stored: string): Rest | undefined => {
  try {
    const { until, since, code, asked, failures } = JSON.parse(stored) as Rest;
    return [until, since, failures].every(Number.isFinite) ? { until, since, code, asked, failures } : undefined;
  } catch {
    return undefined;
  }
};
