import type { Alert } from '../domain/alert/alert.ts';
import type { Stores } from './storage/unit-of-work.ts';

/** A way by which alerts reach people. */
export interface AlertChannel {
  /**
   * `webhook`, `slack`, `pagerduty`, `email`, `alertmanager`, `telegram`, `events`; unique in a process. Several of one
   * service are numbered: `email`, `email-2`.
   */
  readonly name: string;
  /** The gateway that it goes by: alerts of this gateway need another channel. Absent: it goes by none. */
  readonly gateway?: string;
  /** How often an alert that goes on has to be sent again, in ms. Absent: once is enough. */
  readonly refreshMs?: number;
  /** Shown when a channel accepts an alert before people can see it. */
  readonly acceptedNote?: string;
  /** Whether it sends several alerts at once. Absent: it gets each alone, and each is repeated alone. */
  readonly sendsTogether?: boolean;
  /**
   * Sends alerts: one, or several where it `sendsTogether`. Resolves when the other side has taken them. MUST reject
   * with PortError otherwise, `retryable` where a repeat may help, and give up soon after `signal` aborts. A repeat of
   * the same alert MUST NOT open a second incident where the other side knows keys.
   */
  send(alerts: readonly Alert[], signal: AbortSignal): Promise<void>;
  /**
   * Where a channel puts alerts into this very storage: does so in the unit of work that stores that they were sent, so
   * that a process that dies repeats none. MUST await these stores only. Absent: the other side is elsewhere.
   */
  sendIn?(stores: Pick<Stores, 'outbox' | 'webhooks'>, alerts: readonly Alert[]): Promise<void>;
}

/** Somebody outside who notices that Kept no longer looks at itself: no ping for a while means that. */
export interface DeadManSwitch {
  /**
   * Says that all is looked at. MUST reject with PortError where nobody heard it, and give up soon after `signal`
   * aborts.
   */
  ping(signal: AbortSignal): Promise<void>;
}
