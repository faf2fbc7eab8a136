import type { AgentPromise, Approval, AuditRow, Schedule } from '../../domain/index.ts';
import type { AlertsReport, StatsReport, SystemReport, TranscriptMessage, UsageReport } from '../../ports/index.ts';

/** How things look as JSON. */
export interface ApiViews {
  message(message: TranscriptMessage): object;
  promise(promise: AgentPromise): object;
  schedule(schedule: Schedule): object;
  approval(approval: Approval): object;
  auditRow(row: AuditRow): object;
  usage(report: UsageReport): object;
  stats(report: StatsReport): object;
  systemReport(report: SystemReport): object;
  alerts(report: AlertsReport): object;
}
