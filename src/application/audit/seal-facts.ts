import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';

/** The most facts in one commit: more would hold the lock for too long. */
const BATCH = 500;
/** How long a fact may stand unsealed next to a busy process; a new one is sealed at once where nothing else is. */
const INTERVAL_MS = 1_000;

/**
 * Gives new facts their places in the audit log. Any number of these may run side by side: they seal one after the
 * other. A fact that nobody seals is not lost; it waits.
 */
export const makeSealFacts = ({
  audit,
  changes,
  clock,
  events,
}: {
  readonly audit: Pick<AuditLog, 'seal'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop =>
  makeLoop({
    name: 'seal-audit-log',
    clock,
    changes,
    events,
    intervalMs: INTERVAL_MS,
    poll: async () => ((await audit.seal(BATCH)) === BATCH ? clock.now() + 1 : undefined),
  });
