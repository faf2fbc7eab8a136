import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';

export interface PollReport {
  /** Tells that polls work again, if the last one failed. */
  worked(): void;
  failed(error: unknown): void;
}

/** Tells of polls that fail, each with its number, and once that they work again. `loop` names the loop in events. */
export const makePollReport = (events: Events, loop: string): PollReport => {
  let failures = 0;
  return {
    worked: () => {
      if (failures > 0) events.emit({ type: 'poll-recovered', loop, failures });
      failures = 0;
    },
    failed: (error) => {
      failures++;
      events.emit({ type: 'poll-failed', loop, failures, reason: reasonOf(error), error });
    },
  };
};
