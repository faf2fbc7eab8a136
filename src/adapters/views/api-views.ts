import { alertsView, silenceView } from './alerts-view.ts';
import { approvalView } from './approval-view.ts';
import { auditRowView, auditVerdictView } from './audit-view.ts';
import { accessView, chatsView, conversationView, promiseDetailView } from './desk-view.ts';
import { systemReportView } from './health-view.ts';
import { inboxMessageView } from './inbox-view.ts';
import { messageView } from './message-view.ts';
import { pairingView } from './pairing-view.ts';
import { processesView } from './process-view.ts';
import { promiseView } from './promise-view.ts';
import { scheduleView } from './schedule-view.ts';
import { seriesView } from './series-view.ts';
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
  silence: silenceView,
  auditVerdict: auditVerdictView,
  processes: processesView,
  inboxMessage: inboxMessageView,
  series: seriesView,
  chats: chatsView,
  conversation: conversationView,
  promiseDetail: promiseDetailView,
  access: accessView,
  pairing: pairingView,
} as const;
