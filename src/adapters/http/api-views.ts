import type { AgentPromise, AlertSilence, Approval, AuditRow, InboxMessage, Pairing, Schedule } from '../../domain/index.ts';
import type {
  AccessTold,
  AlertsReport,
  AuditVerdict,
  ChatsPage,
  ConversationPage,
  ProcessesReport,
  PromiseDetail,
  SeriesReport,
  StatsReport,
  SystemReport,
  TranscriptMessage,
  UsageReport,
} from '../../ports/index.ts';
import type { approval } from './schemas/approval.ts';
import type { message } from './schemas/chat.ts';
import type { auditVerdict, inboxMessage, processes, series, silence } from './schemas/desk.ts';
import type { access, chats, conversation, pairing, promiseDetail } from './schemas/operator.ts';
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
  silence(shown: AlertSilence): Shown<typeof silence>;
  auditVerdict(verdict: AuditVerdict): Shown<typeof auditVerdict>;
  inboxMessage(message: InboxMessage): Shown<typeof inboxMessage>;
  series(report: SeriesReport): Shown<typeof series>;
  processes(report: ProcessesReport, limit: number): Shown<typeof processes>;
  chats(page: ChatsPage): Shown<typeof chats>;
  conversation(page: ConversationPage): Shown<typeof conversation>;
  promiseDetail(detail: PromiseDetail): Shown<typeof promiseDetail>;
  access(told: AccessTold): Shown<typeof access>;
  pairing(shown: Pairing): Shown<typeof pairing>;
}
