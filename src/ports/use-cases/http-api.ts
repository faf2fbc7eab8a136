import type { Approval, ApprovalId } from '../../domain/approval/approval.ts';
import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { HealthCheck, HealthStatus } from '../../domain/health/health.ts';
import type { PingReports } from '../../domain/health/self-ping.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { TranscriptMessage } from '../storage/local-transcript.ts';
import type { Alerts } from './alerts.ts';
import type { GetApproval, ListApprovals } from './approvals.ts';
import type { ReadAuditLog, VerifyAuditLog } from './audit.ts';
import type { CancelPromise, RetryPromise } from './command-promise.ts';
import type { Desk } from './desk.ts';
import type { CheckReadiness, CheckSystem, ReportSystem } from './health.ts';
import type { ReadLogTail } from './log.ts';
import type { ListProcesses } from './processes.ts';
import type { GetPromise, GetVerdict, ListInbox, ListPromises, ListSchedules } from './queries.ts';
import type { CancelSchedule } from './schedules.ts';

import type { ReportSeries, ReportStats } from './stats.ts';
import type { ReportUsage } from './usage.ts';

export type ChatEvent =
  | { readonly type: 'message'; readonly message: TranscriptMessage }
  /** All of a growing answer so far; `''` when it is over. */
  | { readonly type: 'draft'; readonly text: string }
  /** A promise of this chat was made or changed. */
  | { readonly type: 'promise'; readonly promise: AgentPromise };

/** What people and programs can do over HTTP. Each method may reject with PortError. */
export interface HttpApi extends Partial<Desk> {
  /** Resolves once the message is durable. Refusals: `message/empty`, `message/too-long`, `chat/not-local`. */
  postMessage(request: {
    readonly chatId: ChatId;
    readonly text: string;
    /** Names the message: a second one of this name in the chat is not stored, and the first is resolved to. */
    readonly once?: string | undefined;
  }): Promise<Result<{ readonly chatId: ChatId; readonly messageId: MessageId }, Refusal>>;
  /**
   * Messages with a higher sequence than `after`, lowest first; without `after`, the newest `limit`, of those with a
   * lower sequence than `before` where that is given.
   */
  listMessages(chatId: ChatId, after: number | undefined, limit: number, before?: number): Promise<readonly TranscriptMessage[]>;
  /** Absent: nobody can say. */
  getVerdict?: GetVerdict;
  /** Absent: nobody can say. */
  listInbox?: ListInbox;
  /**
   * Why a message was answered or not, or what led to one of Kept's own, in lines; undefined where it is not known.
   * Absent: nobody can say.
   */
  explain?(chatId: ChatId, messageId: MessageId): Promise<readonly string[] | undefined>;
  /**
   * Shows every message with a higher sequence than `after` (without it: those from now on) once and in order, and the
   * chat's drafts and promises. Returns a function that ends it. Messages and drafts MUST wait for the promise that the
   * listener returned for the one before: it is how a slow reader holds them back.
   */
  subscribe(chatId: ChatId, listener: (event: ChatEvent) => void | Promise<void>, after?: number): () => void;
  listPromises: ListPromises;
  getPromise: GetPromise;
  cancelPromise: CancelPromise;
  retryPromise: RetryPromise;
  /** Absent: there are no schedules here. */
  listSchedules?: ListSchedules;
  /** Absent: there are no schedules here. */
  cancelSchedule?: CancelSchedule;
  /** Absent, as the two below: nothing waits for an approval here. */
  listApprovals?: ListApprovals;
  getApproval?: GetApproval;
  /** Decides as the operator of this installation. */
  decideApproval?(
    id: ApprovalId,
    verdict: 'approve' | 'deny',
    options?: { readonly once?: string | undefined },
  ): Promise<Result<Approval, Refusal>>;
  /** Absent: nobody keeps a ledger here; the API says that it is not offered. */
  reportUsage?: ReportUsage;
  /** Absent: nothing is measured here; the API says that it is not offered. */
  reportStats?: ReportStats;
  /** Absent: nothing is measured here; the API says that it is not offered. */
  reportSeries?: ReportSeries;
  /** Absent: nobody looks at alerts here. */
  listAlerts?: Alerts['list'];
  /** Absent, as the one below: there is nothing to silence here. */
  silenceAlert?: Alerts['silence'];
  endSilence?: Alerts['endSilence'];
  /** Absent: there is no audit log here. */
  readAudit?: ReadAuditLog;
  /** Absent: there is no audit log here. */
  verifyAudit?: VerifyAuditLog;
  /** Absent: nobody keeps a register of processes here. */
  listProcesses?: ListProcesses;
  /** Absent: there is no log here that could be read. */
  readLog?: ReadLogTail;
  /** Refused with `bot/stands-by` if another process answers people now. A ping that fails is a report, too. */
  pingSelf(): Promise<Result<PingReports, Refusal>>;
  /** What can be told at once, without asking anybody else. */
  health(): Promise<HealthSummary>;
  /** Absent, as the two below: this server is ready as soon as it answers, and looks at no more. */
  checkReadiness?: CheckReadiness;
  checkSystem?: CheckSystem;
  reportSystem?: ReportSystem;
}

export interface HealthSummary {
  readonly status: HealthStatus;
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly model: string;
  readonly storage: string;
  readonly checks: readonly HealthCheck[];
}
