import type { RunStep } from '../../domain/agent/run-step.ts';
import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { InboxMessage, Verdict } from '../../domain/message/inbox-message.ts';
import type { AgentPromise, PromiseId, PromiseStatus, TaskType } from '../../domain/promise/promise.ts';
import type { Schedule, ScheduleId } from '../../domain/promise/schedule.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { Workspace } from '../../domain/workspace/policy.ts';
import type { NewestMessagesQuery } from '../storage/message-store.ts';
import type { ReadAuditLog, VerifyAuditLog } from './audit.ts';
import type { ReportSeries, ReportStats } from './stats.ts';
import type { ReportUsage } from './usage.ts';

/** What promises to list. What is absent does not narrow the list. */
export interface PromisesQuery {
  readonly chatId?: ChatId;
  readonly statuses?: readonly PromiseStatus[];
  readonly taskTypes?: readonly TaskType[];
  /** The name of a workspace; see `FindWorkspace`. */
  readonly workspace?: string;
  /** Only promises with a lower number. */
  readonly before?: PromiseId;
  /** Default: 50. */
  readonly limit?: number;
}

/** Newest first. Rejects with PortError. */
export type ListPromises = (query: PromisesQuery) => Promise<readonly AgentPromise[]>;
export type GetPromise = (id: PromiseId) => Promise<AgentPromise | undefined>;
/** What was done for a promise, oldest first; of its newest runs, if it was tried again many times. */
export type GetSteps = (id: PromiseId) => Promise<readonly RunStep[]>;
export type CountPromises = () => Promise<Readonly<Record<PromiseStatus, number>>>;

/** What schedules to list. What is absent does not narrow the list. */
export interface SchedulesQuery {
  readonly chatId?: ChatId;
  /** Ended ones, too. Default: active ones only. */
  readonly includeEnded?: boolean;
  /** Only schedules with a lower number. */
  readonly before?: ScheduleId;
  /** Default: 50. */
  readonly limit?: number;
}

/** Newest first. Rejects with PortError. */
export type ListSchedules = (query: SchedulesQuery) => Promise<readonly Schedule[]>;
export type GetSchedule = (id: ScheduleId) => Promise<Schedule | undefined>;

/** What became of a message. Resolves to `undefined` if there is no such message, or nothing is decided yet. */
export type GetVerdict = (chatId: ChatId, messageId: MessageId) => Promise<Verdict | undefined>;

/** Messages that came in, with what was decided on them: the last one that came first. Rejects with PortError. */
export type ListInbox = (query: NewestMessagesQuery) => Promise<readonly InboxMessage[]>;

/** Finds a workspace by its exact name, else by name or alias in any case. Names that are only similar do not count. */
export type FindWorkspace = (nameOrAlias: string) => Result<Workspace, Refusal<'workspace/not-found'>>;

/** What can be asked about the stored state. Nothing is changed. */
export interface Queries {
  readonly listPromises: ListPromises;
  readonly getPromise: GetPromise;
  readonly getSteps: GetSteps;
  readonly countPromises: CountPromises;
  readonly listSchedules: ListSchedules;
  readonly getSchedule: GetSchedule;
  readonly getVerdict: GetVerdict;
  readonly listInbox: ListInbox;
  readonly findWorkspace: FindWorkspace;
  readonly readAudit: ReadAuditLog;
  readonly verifyAudit: VerifyAuditLog;
  readonly reportUsage: ReportUsage;
  readonly reportStats: ReportStats;
  readonly reportSeries: ReportSeries;
}
