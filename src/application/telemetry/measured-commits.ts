import type { EventOf } from '../../domain/events/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { startStopwatch } from '../loops/stopwatch.ts';

/**
 * The same units of work; each is an event as it ends. One that its own work called off, as a turn that has become
 * outdated does, is none: nothing was asked of the storage that it refused.
 */
export const measuredCommits = (
  unitOfWork: UnitOfWork,
  what: EventOf<'commit-ended'>['what'],
  { clock, events }: { readonly clock: Clock; readonly events: Events },
): UnitOfWork => ({
  async run(work) {
    const durationMs = startStopwatch(clock);
    const ended = (outcome: 'stored' | 'failed'): void => events.emit({ type: 'commit-ended', what, outcome, durationMs: durationMs() });
    try {
      const result = await unitOfWork.run(work);
      ended('stored');
      return result;
    } catch (error) {
      if (isPortError(error)) ended('failed');
      throw error;
    }
  },
});
