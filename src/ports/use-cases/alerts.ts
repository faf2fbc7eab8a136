import type { Alert, AlertStatus } from '../../domain/alert/alert.ts';
import type { AlertSilence } from '../../domain/alert/delivery.ts';
import type { AlertState } from '../../domain/alert/evaluate.ts';
import type { AlertRuleId, AlertSettings } from '../../domain/alert/rules.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';

/** What one channel knows of an alert. */
export interface ListedDelivery {
  readonly channel: string;
  /** The last status that it took; absent: none yet. */
  readonly sent?: AlertStatus;
  /** How often in a row sending failed. */
  readonly failures: number;
  readonly lastError?: string;
}

export interface ListedAlert {
  readonly key: string;
  readonly rule: AlertRuleId;
  readonly state: AlertState;
  /** Since when it is pending; else absent. In ms since 1970. */
  readonly pendingSince?: number;
  /** The latest time in which it fired; absent where it never did. */
  readonly alert?: Alert;
  /** Present where it is silenced now. */
  readonly silencedUntil?: number;
  readonly deliveries: readonly ListedDelivery[];
}

/** `unknown`: nothing was found, and `found` says why. `off`: nobody wants its alerts. */
export type RuleState = 'firing' | 'pending' | 'well' | 'unknown' | 'off';

export interface ListedRule {
  readonly id: AlertRuleId;
  readonly state: RuleState;
  readonly settings: AlertSettings;
  /** What was found last, the worst first; at most a few. */
  readonly found: readonly string[];
}

export interface AlertsReport {
  /** When the leading bot has looked last, in ms since 1970. Absent: never. */
  readonly lookedAt?: number;
  /** Whether that was long ago: nobody looks now. */
  readonly isStale: boolean;
  /** The channels that are configured here. */
  readonly channels: readonly string[];
  /** Those that fire first, then by their latest change. */
  readonly alerts: readonly ListedAlert[];
  readonly rules: readonly ListedRule[];
  readonly silences: readonly AlertSilence[];
}

export type SilenceRefusal = Refusal<'alert/unknown' | 'alert/silence-too-long' | 'alert/too-many-silences'>;

export interface TestedChannel {
  readonly channel: string;
  /** Absent: it took the test. */
  readonly reason?: string;
  /** What that means, where people have not got it by then. */
  readonly note?: string;
}

/** What may be asked about alerts, and done with them. Each rejects with PortError where the storage fails. */
export interface Alerts {
  list(): Promise<AlertsReport>;
  /** Holds back the alerts of a rule, or one alert by its key, for that long. */
  silence(target: string, forMs: number, reason?: string): Promise<Result<AlertSilence, SilenceRefusal>>;
  /** Ends a silence before its time. */
  endSilence(target: string): Promise<Result<AlertSilence, Refusal<'alert/not-silenced'>>>;
  /** Sends a test through each channel, or through that one: an alert, and that it is over. */
  test(channel?: string): Promise<Result<readonly TestedChannel[], Refusal<'alert/no-channel'>>>;
}
