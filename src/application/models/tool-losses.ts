import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';

/** How often the same model is noted. */
const NOTED_MS = 60 * 60_000;
/** A note that is older counts no more. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/** Notes that a model was asked without the tools of its agent; the health report shows it. */
export const makeToolLosses = (deps: {
  readonly store: Pick<KeyValueState, 'set'>;
  readonly clock: Clock;
  readonly events: Events;
}): ((model: string) => void) => {
  const notedAt = new Map<string, number>();
  return (model) => {
    const now = deps.clock.now();
    if (now - (notedAt.get(model) ?? Number.NEGATIVE_INFINITY) < NOTED_MS) return;
    notedAt.set(model, now);
    deps.store.set(new Map([[model, String(now)]])).catch((error: unknown) => {
      notedAt.delete(model);
      deps.events.emit({ type: 'model-state-not-stored', model, state: 'without-tools', reason: reasonOf(error) });
    });
  };
};

/** The models that were asked without tools lately. */
export const modelsWithoutTools = (entries: ReadonlyMap<string, string>, now: number): readonly string[] =>
  [...entries].flatMap(([model, at]) => (now - Number(at) < FORGOTTEN_MS ? [model] : []));
