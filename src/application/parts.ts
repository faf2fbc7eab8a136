import type { RetryPolicy } from '../domain/promise/promise.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { Clock } from '../ports/clock.ts';
import type { CronCalendar } from '../ports/cron-calendar.ts';
import type { Logger } from '../ports/logger.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Redact } from '../ports/redact.ts';
import type { Storage } from '../ports/storage.ts';

/** What bot, worker and commands alike are made from. */
export interface CoreParts {
  readonly storage: Storage;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Who may talk to it, and where its work is held to. */
  readonly policy: AccessPolicy;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly retry: RetryPolicy;
  /** How long promises are kept once they have settled and their outcome was delivered; 7 days unless told. */
  readonly retentionMs?: number;
  /** What schedules run by. Absent: nothing can be scheduled, and no schedule ticks here. */
  readonly calendar?: CronCalendar;
  /** Whose clocks count where none is named: an IANA name; UTC unless told. */
  readonly timeZone?: string;
}
