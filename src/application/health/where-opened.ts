import type { Clock } from '../../ports/clock.ts';
import type { Finding } from '../../ports/health-probe.ts';
import { within } from '../loops/timers.ts';

/** The limit of a probe of the store. A store that takes longer is not well. */
export const STORE_LIMIT_MS = 5_000;
/** How long a probe of what is stored waits for the store to be opened: less than its own limit. */
const OPENED_MS = STORE_LIMIT_MS - 500;

/** The probe that says what is wrong with the store. The others leave that to it. */
export const DATABASE_PROBE = 'storage.database';

/** What `look` finds in the opened store; `skipped` where it can't be opened, or not in time. */
export const whereOpened = async <T extends object>(
  clock: Pick<Clock, 'after'>,
  open: () => Promise<T>,
  look: (opened: T) => Promise<Finding | undefined>,
): Promise<Finding | undefined> => {
  const opening = open().catch(() => undefined);
  const opened = await within(clock, OPENED_MS, opening, () => undefined);
  if (opened) return look(opened);
  return { status: 'skipped', message: `not looked at: the database can't be opened; see ${DATABASE_PROBE}` };
};
