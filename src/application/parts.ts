import type { Budget } from '../domain/budget/money.ts';
import type { Prices } from '../domain/budget/prices.ts';
import type { ChatId } from '../domain/chat/ids.ts';
import { type RetryPolicy, retryPolicy } from '../domain/promise/promise.ts';
import { type Present, present } from '../domain/shared/present.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import type { Clock } from '../ports/clock.ts';
import { type Correlation, noCorrelation } from '../ports/correlation.ts';
import type { CronCalendar } from '../ports/cron-calendar.ts';
import type { Events } from '../ports/events.ts';
import { type Logger, silentLogger } from '../ports/logger.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Redact } from '../ports/redact.ts';
import type { Storage } from '../ports/storage/storage.ts';
import type { WorkspaceFiles } from '../ports/workspace-files.ts';
import { homingStorage } from './chats/homing-storage.ts';
import type { MovedChats } from './chats/moved-chats.ts';
import { gatewayFor } from './outbox/gateway-for.ts';
import type { PairedPeople } from './pairing/paired-people.ts';
import { makeLoggedEvents } from './telemetry/logged-events.ts';
import { withScopes } from './telemetry/work-scopes.ts';

/** The parts of bot, worker and commands. */
export interface CoreParts {
  readonly storage: Storage;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Who may talk to the agent, and which directories it may use. */
  readonly policy: AccessPolicy;
  readonly logger: Logger;
  /** Receives every event. Default: events are written to `logger`. */
  readonly events: Events;
  /** Knows which message the running work came of: for log lines and traces. Default: nobody does. */
  readonly correlation: Correlation;
  readonly redact: Redact;
  readonly retry: RetryPolicy;
  /** How long promises are kept after they have settled and their outcome was delivered. Default: 7 days. */
  readonly retentionMs?: number;
  /** Computes the ticks of schedules. Absent: nothing can be scheduled, and no schedule ticks here. */
  readonly calendar?: CronCalendar;
  /** The IANA time zone for times without one. Default: UTC. */
  readonly timeZone?: string;
  /** What models and tools cost. Default: those whose price Kept knows. */
  readonly prices?: Prices;
  /** What a promise may cost, where no budget of the policy says so. */
  readonly perPromise?: Budget;
  /** How many messages of one person are answered in a minute. Default: all. */
  readonly personMessagesPerMinute?: number;
  /** Reads the files that people send. Absent: models are told where they are, and not shown them. */
  readonly files?: Pick<WorkspaceFiles, 'read' | 'readBytes'>;
  /** Which chats have moved to another id; bot and worker keep it up to date. Default: one of their own. */
  readonly moved?: MovedChats;
  /** Who was let in; bot and worker keep it up to date. Default: one of their own. */
  readonly paired?: PairedPeople;
}

/** Every member may be absent or `undefined`. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

type Defaults =
  | 'logger'
  | 'events'
  | 'correlation'
  | 'redact'
  | 'retry'
  | 'retentionMs'
  | 'calendar'
  | 'timeZone'
  | 'personMessagesPerMinute'
  | 'files'
  | 'moved'
  | 'paired'
  | 'prices'
  | 'perPromise';

/** The core's parts as a program gives them. Parts with a default may be absent or undefined. */
export type GivenParts = Omit<CoreParts, Defaults> &
  Optional<Omit<Pick<CoreParts, Defaults>, 'retry'>> & { readonly retry?: Optional<RetryPolicy> | undefined };

/** The given parts with their defaults, without undefined members. */
export const withDefaults = <T extends Omit<GivenParts, 'changes'> & { readonly gateways?: readonly ChatGateway[] }>(given: T) => {
  const parts = present(given) as Present<T>;
  const logger = given.logger ?? silentLogger;
  // `checkParts` reports what is not a storage.
  const storage = homingStorage(given.storage, canMoveAmong(given.gateways));
  return {
    ...parts,
    storage,
    logger,
    events: given.events ?? makeLoggedEvents({ logger, clock: given.clock }),
    correlation: withScopes(given.correlation ?? noCorrelation, storage?.id ?? ''),
    redact: given.redact ?? ((text: string) => text),
    retry: retryPolicy(given.retry ?? {}),
  };
};

/** Whether a chat may go on under another id, as its gateway says. Chats of gateways that are not here may. */
const canMoveAmong =
  (gateways: readonly ChatGateway[] = []) =>
  (chatId: ChatId): boolean => {
    const gateway = gatewayFor(gateways, chatId);
    return !gateway || (gateway.canMove?.(chatId) ?? false);
  };
