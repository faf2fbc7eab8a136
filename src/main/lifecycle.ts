import type { Events } from '../ports/index.ts';
import { reasonOf } from '../ports/index.ts';

/** What must be ended, in the order in which it began; it is ended in reverse. */
export interface Lifecycle {
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** Ends everything once, one after the other. A part that fails to end is logged, and the others still end. */
  stop(): Promise<void>;
  /** What is being waited for is waited for no longer. */
  hurry(): void;
  /** Aborted by `hurry`: what has been given time to end is cut short. */
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
