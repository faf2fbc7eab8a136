import { makePerformanceTracker } from '../application/index.ts';
import { type AppContext, TOKENS } from './tokens.ts';

/** Measures what this process does, and stores it until the process stops. */
export const trackStats = async ({ get, lifecycle }: AppContext): Promise<void> => {
  const { stores, unitOfWork } = await get(TOKENS.storage);
  const [clock, randomness, events] = await Promise.all([get(TOKENS.clock), get(TOKENS.randomness), get(TOKENS.events)]);
  const tracker = makePerformanceTracker({ sketches: stores.sketches, unitOfWork, clock, randomness, events });
  const off = events.on(tracker.listen);
  tracker.start();
  lifecycle.onStop('stats', async () => {
    await tracker.stop();
    off();
  });
};
