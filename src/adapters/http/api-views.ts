import type { AgentPromise, Approval, AuditRow, Schedule } from '../../domain/index.ts';
import type { AlertsReport, StatsReport, SystemReport, TranscriptMessage, UsageReport } from '../../ports/index.ts';
import type { approval } from './schemas/approval.ts';
import type { message } from './schemas/chat.ts';
import type { promise, schedule } from './schemas/promise.ts';
import type { alerts, auditRow, stats, systemReport, usage } from './schemas/reports.ts';
import type { Shown } from './schemas/shown.ts';

/** How things look as JSON: as the schemas of replies say. */
export interface ApiViews {
  message(shown: TranscriptMessage): Shown<typeof message>;
  promise(shown: AgentPromise): Shown<typeof promise>;
  schedule(shown: Schedule): Shown<typeof schedule>;
  approval(shown: Approval): Shown<typeof approval>;
  auditRow(row: AuditRow): Shown<typeof auditRow>;
  usage(report: UsageReport): Shown<typeof usage>;
  stats(report: StatsReport): Shown<typeof stats>;
  systemReport(report: SystemReport): Shown<typeof systemReport>;
  alerts(report: AlertsReport): Shown<typeof alerts>;
}
