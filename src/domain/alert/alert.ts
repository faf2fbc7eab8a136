/** From least to worst. */
export type AlertSeverity = 'info' | 'warning' | 'error' | 'critical';

export type AlertStatus = 'firing' | 'resolved';

/** Something that somebody should know of, now. */
export interface Alert {
  readonly status: AlertStatus;
  /** The rule, and what it is about: `gateway.telegram`, `model.errors:openai/gpt-5`. The same alert keeps its key. */
  readonly key: string;
  /** One line. */
  readonly title: string;
  /** What was measured, against which threshold, and what to do. Holds no secret and no content of messages. */
  readonly detail: string;
  readonly severity: AlertSeverity;
  readonly startedAt: number;
  /** Present where `status` is `resolved`. */
  readonly resolvedAt?: number;
}

/** The most alerts of one message; the rest follows. */
export const MAX_ALERTS_TOGETHER = 20;
