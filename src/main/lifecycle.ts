import type { Events } from '../ports/index.ts';
import { reasonOf } from '../ports/index.ts';

/** What must be stopped, in the order in which it started. It is stopped in reverse order. */
export interface Lifecycle {
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** Stops everything once, one after the other. A part that fails to stop is reported, and the others still stop. */
  stop(): Promise<void>;
  /** Ends the current waits. */
  hurry(): void;
  /** Aborted by `hurry`: grace periods end at once. */
  readonly hurried: AbortSignal;
}

export const makeLifecycle = (events: Events): Lifecycle => {
  const parts: { name: string; stop: () => Promise<void> | void }[] = [];
  const hurrying = new AbortController();
  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    for (const { name, stop } of parts.toReversed()) {
      try {
        await stop();
      } catch (error) {
        events.emit({ type: 'part-not-stopped', part: name, reason: reasonOf(error), error });
      }
    }
  };
  return {
    onStop: (name, stop) => void parts.push({ name, stop }),
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
    hurry: () => hurrying.abort(),
    hurried: hurrying.signal,
  };
};
