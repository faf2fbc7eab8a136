import { makePerformanceTracker, makeReadLevels } from '../application/index.ts';
import { type AppContext, TOKENS } from './tokens.ts';

/** Measures what this process does, and stores it until the process stops. `counts`: also what waits in the storage. */
export const trackStats = async ({ get, lifecycle }: AppContext, { counts }: { readonly counts: boolean }): Promise<void> => {
  const { stores, unitOfWork } = await get(TOKENS.storage);
  const [clock, randomness, events] = await Promise.all([get(TOKENS.clock), get(TOKENS.randomness), get(TOKENS.events)]);
  const readLevels = counts ? makeReadLevels({ promises: stores.promises, outbox: stores.outbox }) : undefined;
  const tracker = makePerformanceTracker({ sketches: stores.sketches, unitOfWork, clock, randomness, events, readLevels });
  const off = events.on(tracker.listen);
  tracker.start();
  lifecycle.onStop('stats', async () => {
    await tracker.stop();
    off();
  });
};
