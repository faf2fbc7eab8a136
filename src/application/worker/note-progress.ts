import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import { makeNewestOnly } from '../loops/newest-only.ts';

export interface ProgressNotes {
  note(text: string): void;
  /** Nothing is stored after this call. */
  end(): void;
}

const INTERVAL_MS = 2_000;
const MAX_LENGTH = 200;

/**
 * Stores what a running attempt says about itself: the first note at once, then the newest every two seconds, redacted
 * and short. A note that cannot be stored is dropped.
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
  let stored = '';

  const store = async (text: string): Promise<void> => {
    try {
      await deps.promises.noteProgress(id, deps.workerId, { text, at: clock.now() });
      stored = text;
    } catch (error) {
      deps.events.emit({ type: 'promise-progress-not-stored', promiseId: id, reason: reasonOf(error) });
    }
  };

  const notes = makeNewestOnly<string>({ clock, intervalMs: INTERVAL_MS }, (newest) => {
    const text = lineExcerpt(deps.redact(newest), MAX_LENGTH);
    return text === '' || text === stored ? undefined : store(text);
  });
  return { note: notes.next, end: notes.end };
};
