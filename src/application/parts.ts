import { type RetryPolicy, retryPolicy } from '../domain/promise/promise.ts';
import { type Present, present } from '../domain/shared/present.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { Clock } from '../ports/clock.ts';
import type { CronCalendar } from '../ports/cron-calendar.ts';
import type { Events } from '../ports/events.ts';
import { type Logger, silentLogger } from '../ports/logger.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Redact } from '../ports/redact.ts';
import type { Storage } from '../ports/storage/storage.ts';
import { homingStorage } from './chats/homing-storage.ts';
import { logFault, makeLogEvents } from './telemetry/log-events.ts';
import { makeEvents } from './telemetry/make-events.ts';

/** What bot, worker and commands alike are made from. */
export interface CoreParts {
  readonly storage: Storage;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Who may talk to it, and where its work is held to. */
  readonly policy: AccessPolicy;
  readonly logger: Logger;
  /** Is told of every fact. Unless told, what happens is written to `logger`. */
  readonly events: Events;
  readonly redact: Redact;
  readonly retry: RetryPolicy;
  /** How long promises are kept once they have settled and their outcome was delivered; 7 days unless told. */
  readonly retentionMs?: number;
  /** What schedules run by. Absent: nothing can be scheduled, and no schedule ticks here. */
  readonly calendar?: CronCalendar;
  /** Whose clocks count where none is named: an IANA name; UTC unless told. */
  readonly timeZone?: string;
}

/** `undefined` means the same as nothing. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

type Defaults = 'logger' | 'events' | 'redact' | 'retry' | 'retentionMs' | 'calendar' | 'timeZone';

/**
 * The core's parts as they are given. What is left out, or undefined, has a default: nothing logged or redacted, three
 * attempts.
 */
export type GivenParts = Omit<CoreParts, Defaults> &
  Optional<Omit<Pick<CoreParts, Defaults>, 'retry'>> & { readonly retry?: Optional<RetryPolicy> | undefined };

/** The same with its defaults, and nothing in it that is undefined. */
export const withDefaults = <T extends Omit<GivenParts, 'changes'>>(given: T) => {
  const parts = present(given) as Present<T>;
  const logger = given.logger ?? silentLogger;
  return {
    ...parts,
    storage: homingStorage(given.storage),
    logger,
    events: given.events ?? makeEvents([makeLogEvents({ logger, clock: given.clock })], logFault(logger)),
    redact: given.redact ?? ((text: string) => text),
    retry: retryPolicy(given.retry ?? {}),
  };
};
