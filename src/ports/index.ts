/**
 * `kept/ports`: what Kept needs from outside, and what it offers to it.
 * Every name is listed on purpose; `test/library/public-surface.unit.ts` holds the lists.
 */

// Drive it: what can be asked and done, and what comes back.

export type {
  Alerts,
  AlertsReport,
  ListedAlert,
  ListedDelivery,
  ListedRule,
  RuleState,
  SilenceRefusal,
  TestedChannel,
} from './use-cases/alerts.ts';
export type {
  Approvals,
  ApprovalsQuery,
  DecideApproval,
  DecidedBy,
  DecideOptions,
  DecideRefusal,
  GetApproval,
  ListApprovals,
  ListStandingApprovals,
  RevokeStandingApproval,
  StandingQuery,
} from './use-cases/approvals.ts';
export type { AuditVerdict, ReadAuditLog, VerifyAuditLog } from './use-cases/audit.ts';
export type { Backups, RestoredBackup, VerifiedBackup } from './use-cases/backups.ts';
export type {
  CancelPromise,
  CommandPromise,
  CommandPromiseRefusal,
  DraftCancellation,
  PurgePromises,
  RetryPromise,
} from './use-cases/command-promise.ts';
export type {
  AccessIn,
  AccessTold,
  ChatsPage,
  ConversationItem,
  ConversationPage,
  ConversationPlace,
  Desk,
  DeskTopic,
  ListChats,
  ListedChat,
  ListPeople,
  NamedHere,
  PagePromises,
  PeopleHere,
  PromiseDetail,
  PromisesPage,
  PromisesPageQuery,
  ReadConversation,
  TellAccess,
  TellPromise,
  WatchDesk,
  WorkspaceHere,
} from './use-cases/desk.ts';
export type { ForgetElsewhere, ForgetPerson, ForgetPreview, ForgottenPerson } from './use-cases/forget-person.ts';
export type {
  AgentReport,
  CheckReadiness,
  CheckSystem,
  ReportSystem,
  ServiceReport,
  ServiceStatus,
  SystemReport,
} from './use-cases/health.ts';
export type { ChatEvent, HealthSummary, HttpApi } from './use-cases/http-api.ts';
export type { LogQuery, LogTail, ReadLogTail } from './use-cases/log.ts';
export type {
  DraftPromise,
  MadePromise,
  MakePromise,
  MakePromiseRefusal,
  PromiseOrigin,
  PromiseRequest,
  TaskRefusal,
  TaskRequest,
  TurnRequest,
} from './use-cases/make-promise.ts';
export type { ApprovePairing, DecidePairingRefusal, ListPairings, RevokePairing } from './use-cases/pairing.ts';
export type { ListProcesses, ProcessesReport } from './use-cases/processes.ts';
export type {
  CountPromises,
  FindWorkspace,
  GetPromise,
  GetSchedule,
  GetSteps,
  GetVerdict,
  ListInbox,
  ListPromises,
  ListSchedules,
  PromisesQuery,
  Queries,
  SchedulesQuery,
} from './use-cases/queries.ts';
export type {
  DraftFact,
  DraftForgetting,
  DraftLink,
  Found,
  RecallFacts,
  Said,
  SearchHistory,
  SearchLinks,
} from './use-cases/recall.ts';
export type {
  CancelSchedule,
  DraftSchedule,
  DraftScheduleEnd,
  EndScheduleRefusal,
  MakeSchedule,
  MakeScheduleRefusal,
  ScheduleRequest,
} from './use-cases/schedules.ts';

export type { ReportSeries, ReportStats, SeriesQuery, SeriesReport, StatsQuery, StatsReport } from './use-cases/stats.ts';
export type { ReportUsage, UsageReport, UsageReportQuery } from './use-cases/usage.ts';

// Bring your own: the ports, and what helps to implement them.

export { type HttpRefusal, httpFailure, isConnectionFailure } from './adapter-kit/http-failure.ts';
export { declinedFor, type ModelRefusal, modelRefusalCode } from './adapter-kit/model-refusal.ts';
export { type SdkErrors, sdkFailure } from './adapter-kit/sdk-failure.ts';
export type { AlertChannel, DeadManSwitch } from './alert-channel.ts';
export type {
  BackupDraft,
  BackupShelf,
  Belongings,
  DatabaseBackups,
  OpenedBackup,
  SealedValue,
  Sealer,
  TakenDatabase,
} from './backups.ts';
export type { ChangeFeed } from './change-feed.ts';
export type {
  ButtonTap,
  ChatGateway,
  FetchOptions,
  GatewayInlet,
  GatewayLimits,
  GrowingAnswer,
  MovedChat,
  OutgoingMessage,
  ReadMessage,
} from './chat-gateway.ts';
export type { Clock } from './clock.ts';
export type { CodingAgent, CodingDenial, CodingHooks, CodingLimits, CodingResult, CodingRun } from './coding-agent.ts';
export {
  type Content,
  type ContentListener,
  type ContentSink,
  type ModelContent,
  type NoReply,
  noContent,
  type ToolContent,
} from './content.ts';
export {
  type Correlation,
  type EndedScope,
  noCorrelation,
  type ObservedCorrelation,
  type WorkName,
  type WorkRef,
  type WorkScope,
} from './correlation.ts';
export type { CalendarRefusal, CronCalendar } from './cron-calendar.ts';
export type { DirectoryLocks } from './directory-locks.ts';
export type { Engine } from './engine.ts';
export {
  type EngineNotices,
  type Events,
  engineNoticesOf,
  type ModelServerNotices,
  modelServerNoticesOf,
  type Notice,
  noticesOf,
  silentEngineNotices,
  silentEvents,
  silentNotice,
  type TracesNotices,
  tracesNoticesOf,
} from './events.ts';
export type { Finding, HealthProbe, ProbeDepth } from './health-probe.ts';
export {
  type LanguageModel,
  MAX_CALLS_LENGTH,
  MAX_CALLS_READ,
  MAX_REPLY_LENGTH,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
  type ToolSpec,
} from './language-model.ts';
export type { LeaderLease, LeaseHolder } from './leader-lease.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export type { Metrics, MetricsText } from './metrics.ts';
export { asStorageFailure, isNotBegun, isPortError, PortError, type PortErrorCode, reasonFor, reasonOf, withUsage } from './port-error.ts';
export type { ProcessGroups } from './process-groups.ts';
export type { ExecuteOptions, PromiseExecutor, WorkResult } from './promise-executor.ts';
export type { Randomness } from './randomness.ts';
export { type Redact, redactedJson } from './redact.ts';
export { OutdatedRunError, type RunJournal, type RunRecord } from './run-journal.ts';
export type { SelfPingChannel } from './self-ping-channel.ts';
export type { BeginCall, CallEnd, PaidCall, PaidRequest, Spending } from './spending.ts';
export type { AlertStore } from './storage/alert-store.ts';
export type { ApprovalFilter, ApprovalStore, StandingFilter } from './storage/approval-store.ts';
export type { AuditLog } from './storage/audit-log.ts';
export type { CardStore } from './storage/card-store.ts';
export type { ChatMoves } from './storage/chat-moves.ts';
export type { ConversationStore, TurnStore } from './storage/conversation-store.ts';
export type { FactStore } from './storage/fact-store.ts';
export type { Journal, JournalEntries } from './storage/journal.ts';
export type { KeyValueState } from './storage/key-value-state.ts';
export type { Ledger, Reserved, SpentInStep, UsageQuery } from './storage/ledger.ts';
export type { LinkStore } from './storage/link-store.ts';
export type { LocalTranscript, TranscriptMessage } from './storage/local-transcript.ts';
export type { KnownChat, MessageStore, NewestMessagesQuery, Revision } from './storage/message-store.ts';
export type { OutboxStore } from './storage/outbox-store.ts';
export type { PairingFilter, PairingStore } from './storage/pairing-store.ts';
export type { ExportedRecord, PersonalCounts, PersonalData, PersonalFiles, PersonalSurvey } from './storage/personal-data.ts';
export type { ProcessRegister } from './storage/process-register.ts';
export type { PromiseDeadlines } from './storage/promise-deadlines.ts';
export type { PromiseDelivery } from './storage/promise-delivery.ts';
export type { PromiseFilter, PromiseQueries } from './storage/promise-queries.ts';
export type { ClaimRequest, EndedRun, PromiseQueue } from './storage/promise-queue.ts';
export type { PromiseRetention, PurgeRequest } from './storage/promise-retention.ts';
export type { PromiseStore, PromiseStores } from './storage/promise-store.ts';
export type { ClaimedRequest, KeptAnswer, RequestClaim, RequestKeys } from './storage/request-keys.ts';
export type { ScheduleStore } from './storage/schedule-store.ts';
export type { SketchStore, StoredMeasurements } from './storage/sketch-store.ts';
export type { Storage } from './storage/storage.ts';
export type { SummaryStore } from './storage/summary-store.ts';
export type { Stores, UnitOfWork } from './storage/unit-of-work.ts';
export type { UsernamePins } from './storage/username-pins.ts';
export type { WebhookFailure, WebhookStats, WebhookStore } from './storage/webhook-store.ts';
export { type Asked, DEFAULT_TOOL_TIMEOUT_MS, type Tool, type ToolContext, type ToolEffect, type ToolOutcome } from './tool.ts';
export { type ToolSource, toolSource } from './tool-source.ts';
export type { Webhooks, WebhooksReport } from './use-cases/webhooks.ts';
export { WEB_AGES, type WebAge, type WebQuery, type WebResult, type WebSearch } from './web-search.ts';
export type { PostedEvent, WebhookReceiver } from './webhook-receiver.ts';
export type { ChangesSince, WorkspaceChanges } from './workspace-changes.ts';
export type {
  DatabaseDescription,
  DatabaseEntry,
  DatabasePage,
  DataProperty,
  DataSource,
  EntriesPage,
  EntriesQuery,
  EntriesSort,
  WorkspaceDatabase,
} from './workspace-database.ts';
export type { FileBytes, FileQuery, FileText, Listing, SearchResult, WorkspaceFiles } from './workspace-files.ts';
export type { WorkspacePlaces } from './workspace-places.ts';
