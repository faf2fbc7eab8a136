import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';

export interface ProgressNotes {
  note(text: string): void;
  /** Nothing is stored any more. */
  end(): void;
}

const INTERVAL_MS = 2_000;
const MAX_LENGTH = 200;

/**
 * Stores what a running attempt tells of itself: the first at once, then the newest every two seconds, redacted and
 * short. Fails in silence.
 */
export const makeProgressNotes = (
  deps: {
    readonly promises: Pick<PromiseStore, 'noteProgress'>;
    readonly workerId: string;
    readonly clock: Clock;
    readonly redact: Redact;
    readonly events: Events;
  },
  { id }: LeasedPromise,
): ProgressNotes => {
  const { clock } = deps;
  let newest: string | undefined;
  let stored = '';
  let busy = false;
  let over = false;
  let nextAt = 0;
  let cancelTimer = (): void => undefined;

  const store = async (text: string): Promise<void> => {
    try {
      await deps.promises.noteProgress(id, deps.workerId, { text, at: clock.now() });
      stored = text;
    } catch (error) {
      deps.events.emit({ type: 'promise-progress-not-stored', promiseId: id, reason: reasonOf(error) });
    }
  };

  const next = (): void => {
    cancelTimer();
    if (over || busy || newest === undefined) return;
    const waitMs = nextAt - clock.now();
    if (waitMs > 0) {
      cancelTimer = clock.after(waitMs, next);
      return;
    }
    const text = lineExcerpt(deps.redact(newest), MAX_LENGTH);
    newest = undefined;
    if (text === '' || text === stored) return;
    busy = true;
    nextAt = clock.now() + INTERVAL_MS;
    void store(text).finally(() => {
      busy = false;
      next();
    });
  };

  return {
    note: (text) => {
      newest = text;
      next();
    },
    end: () => {
      over = true;
      cancelTimer();
    },
  };
};
