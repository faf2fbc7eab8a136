import { alertsView } from './alerts-view.ts';
import { approvalView } from './approval-view.ts';
import { auditRowView } from './audit-view.ts';
import { systemReportView } from './health-view.ts';
import { messageView } from './message-view.ts';
import { promiseView } from './promise-view.ts';
import { scheduleView } from './schedule-view.ts';
import { statsView } from './stats-view.ts';
import { usageView } from './usage-view.ts';

/** What the HTTP API shows, by what it is of. */
export const apiViews = {
  message: messageView,
  promise: promiseView,
  schedule: scheduleView,
  approval: approvalView,
  auditRow: auditRowView,
  usage: usageView,
  stats: statsView,
  systemReport: systemReportView,
  alerts: alertsView,
} as const;
