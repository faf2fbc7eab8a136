/** What came of a self-ping. */
export interface PingReport {
  /** The round trip; absent when it failed. */
  readonly ms?: number;
  /** What was proven, or what went wrong. */
  readonly detail: string;
}

export interface PingReports {
  /** From message to delivered answer, by way of storage, without leaving the machine. */
  readonly local: PingReport;
  /** Where Telegram is configured. */
  readonly telegram?: PingReport;
}
