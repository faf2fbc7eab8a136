import type { UsageGroup, UsageRow, UsageSum } from '../../domain/budget/ledger.ts';
import type { MicroUsd } from '../../domain/budget/money.ts';
import type { ChatId } from '../../domain/chat/ids.ts';

/** What usage is asked about. What is absent does not narrow it. */
export interface UsageReportQuery {
  /** In ms since 1970. */
  readonly since?: number;
  readonly chatId?: ChatId;
  /** Default: by day. */
  readonly by?: UsageGroup;
  /** Default: 50. */
  readonly limit?: number;
}

export interface UsageReport {
  readonly total: UsageSum;
  /** What is reserved now, everywhere. */
  readonly reserved: MicroUsd;
  readonly by: UsageGroup;
  readonly rows: readonly UsageRow[];
}

/** What was used, and what it cost. Rejects with PortError. */
export type ReportUsage = (query: UsageReportQuery) => Promise<UsageReport>;
