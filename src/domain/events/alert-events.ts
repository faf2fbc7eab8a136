import type { AlertSeverity, AlertStatus } from '../alert/alert.ts';
import type { AlertRuleId } from '../alert/rules.ts';

/** Alerts, and whether people hear of them. */
export type AlertEvent =
  | {
      /** Something has been bad for long enough. */
      readonly type: 'alert-fired';
      readonly key: string;
      readonly rule: AlertRuleId;
      readonly severity: AlertSeverity;
      readonly title: string;
      readonly detail: string;
      /** The channels that it leaves by. */
      readonly channels: readonly string[];
    }
  | { readonly type: 'alert-resolved'; readonly key: string; readonly rule: AlertRuleId; readonly title: string; readonly firingMs: number }
  /** It reaches nobody, or only by the gateway that it is about. */
  | { readonly type: 'alert-without-channel'; readonly key: string; readonly reason: 'no-channel' | 'only-by-itself' }
  | { readonly type: 'alert-delivered'; readonly key: string; readonly channel: string; readonly status: AlertStatus }
  | {
      readonly type: 'alert-not-delivered';
      readonly key: string;
      readonly channel: string;
      readonly status: AlertStatus;
      /** How often in a row. */
      readonly failures: number;
      readonly reason: string;
      /** Absent: it is not tried again. */
      readonly waitMs?: number;
    }
  | { readonly type: 'alert-rule-unread'; readonly rule: AlertRuleId; readonly reason: string }
  | {
      readonly type: 'alert-silenced';
      readonly target: string;
      readonly until: number;
      readonly by: 'operator';
      /** Absent: none was given. */
      readonly reason?: string;
    }
  /** `time`: it was over by itself. */
  | { readonly type: 'alert-silence-ended'; readonly target: string; readonly by: 'operator' | 'time' }
  | { readonly type: 'dead-man-not-pinged'; readonly failures: number; readonly reason: string };
