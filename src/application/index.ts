/**
 * `kept/application`: the use cases, and how they are put together.
 * Every name is listed on purpose; `test/library/public-surface.unit.ts` holds the lists.
 */

// Make it: the parts of a Kept, and how they are put together.

export { BUILT_IN_AGENTS, CHAT_AGENT, PROMISE_AGENT, SCOUT_AGENT } from '../domain/agent/built-in.ts';
export type { TurnSettings } from '../domain/conversation/turn-settings.ts';
export type { WorkerSettings } from '../domain/promise/worker-settings.ts';
export { type AgentCatalog, makeAgentCatalog, noSuchAgent } from './agents/agent-catalog.ts';
export { prepareClaims } from './agents/promise-gate.ts';
export { type AgentRun, makeRunAgent, type RunAgent, type RunRequest } from './agents/run-agent.ts';
export { makeAlerts } from './alerts/command-alerts.ts';
export { isStaleLook, type LastLook, readLastLook } from './alerts/last-look.ts';
export { makeMeasuredSpans } from './alerts/measured-spans.ts';
export type { AlertSources, GatewayState, MeasuredSpan } from './alerts/sources.ts';
export { type AlertWatch, type AlertWatchParts, makeAlertWatch } from './alerts/watch-alerts.ts';
export { makeApprovals } from './approvals/approvals.ts';
export { makeCallGuard } from './approvals/call-guard.ts';
export { type BackupParts, makeBackups } from './backups/backups.ts';
export { type BackupPlace, type KnownBackup, makeKnownBackup } from './backups/known-backup.ts';
export { type BackupSchedule, type BackupScheduleParts, makeBackupSchedule } from './backups/schedule-backups.ts';
export { type BotParts, makeBot } from './bot.ts';
export { type BudgetLimit, limitsFor, type Spender } from './budgets/limits.ts';
export { makeOpenSpending, type OpenSpending } from './budgets/spending.ts';
export { BUILT_IN_TOOLS, type BuiltIns, type GivenCoding, type LoadBuiltIns, TOOL_GROUPS, type ToolGroup } from './built-ins.ts';
export { homingStorage } from './chats/homing-storage.ts';
export { type MovedChats, makeMovedChats } from './chats/moved-chats.ts';
export { type KeptOptions, type KeptParts, makeKept } from './kept.ts';
export { type LeaderElector, type LeaderSession, makeLeaderElector } from './leadership/leader-elector.ts';
export { type ModelCatalog, makeModelCatalog, makeModelChains } from './models/model-catalog.ts';
export { makeResilientChains, makeResilientModel } from './models/resilient.ts';
export type { RetrySettings } from './models/retry.ts';
export type { ModelHelp } from './models/with-help.ts';
export { makePairedPeople, type PairedPeople } from './pairing/paired-people.ts';
export type { CoreParts, GivenParts, Optional } from './parts.ts';
export { makeLogContent } from './telemetry/log-content.ts';
export { makeLogEvents } from './telemetry/log-events.ts';
export { type LoggedEvents, makeLoggedEvents } from './telemetry/logged-events.ts';
export { makeContent } from './telemetry/make-content.ts';
export { makeEvents } from './telemetry/make-events.ts';
export type { CallGuard } from './tools/call-guard.ts';
export { type CallParts, makeCallParts } from './tools/call-parts.ts';
export type { CallVerdict, JudgeCall, MayAct } from './tools/call-verdict.ts';
export { makeJudgeCall } from './tools/judge-call.ts';
export { type MayCall, makeToolCatalog, type ToolCaller, type ToolCatalog } from './tools/tool-catalog.ts';
export { makeMayAct, makeMayCall } from './tools/workspace-rules.ts';
export { type AloneRequest, type AloneRun, makeRunAlone, type RunAlone } from './turns/run-alone.ts';
export type { CodingParts } from './worker/coding-executor.ts';
export type { PromiseWorker } from './worker/run-promises.ts';
export { makeWorker, type WorkerParts } from './worker.ts';

// Drive it: what can be asked and done, and what comes back.

export { makeAuditEvents } from './audit/audit-events.ts';
export { makeRecordLogin, type RecordLogin } from './audit/record-logins.ts';
export type { Bot } from './bot.ts';
export { makeDesk } from './desk/make-desk.ts';
export { type AskAgent, makeAgentProbes } from './health/agent-probes.ts';
export { makeBudgetProbes } from './health/budget-probes.ts';
export type { CheckHealth } from './health/check-health.ts';
export {
  type Diagnosis,
  type DoctorCheck,
  diagnose,
  type Examination,
  isNamed,
  isUnwell,
  type OfferedRepair,
  type Repair,
} from './health/diagnose.ts';
export { type HealthBoard, makeHealthBoard } from './health/health-board.ts';
export { makeListProcesses } from './health/list-processes.ts';
export { hasLiveLease, UNREGISTERED_WORKER } from './health/live-lease.ts';
export { makeSelfPing, type SelfPing } from './health/ping-self.ts';
export { makeProcessRegistration, type ProcessRegistration } from './health/register-process.ts';
export { makeRunProbes, type ProbeReading, type ProbeRun, probesUpTo, type RunProbes } from './health/run-probes.ts';
export type { StoreFault } from './health/store-fault.ts';
export { makeStoredProbes, type StoredProbesDeps } from './health/stored-probes.ts';
export { type LocalChats, makeHttpApi, type ProcessFacts } from './http-api.ts';
export type { ExplainMessage, ExplainOwn, Explanation, OwnExplanation } from './inbox/explain-message.ts';
export type { ReceiveMessage } from './inbox/receive-message.ts';
export type { Kept } from './kept.ts';
export { within } from './loops/timers.ts';
export { type CommandParts, type Commands, makeCommands } from './operator-commands.ts';
export { floodWaitIn } from './outbox/flood-waits.ts';
export { type PromiseWatcher, watchPromise, watchPromises } from './promises/watch-promises.ts';
export { makeQueries } from './queries.ts';
export { makeForgetPerson } from './recall/forget-person.ts';
export type { ContentHub } from './telemetry/make-content.ts';
export type { EventHub, EventListener } from './telemetry/make-events.ts';
export { type Level, makeReadLevels } from './telemetry/read-levels.ts';
export { makeReportStats } from './telemetry/report-stats.ts';
export { makePerformanceTracker, type PerformanceTracker } from './telemetry/track-performance.ts';
export { makeWorkScopes, type WorkScopes } from './telemetry/work-scopes.ts';

// Bring your own: the ports, and what helps to implement them.

export { makeToolActions } from './built-ins.ts';
export { makeToolLosses } from './models/tool-losses.ts';
export { withReplyLimits } from './models/with-reply-limits.ts';
export { makeWebhooks } from './webhooks/command-webhooks.ts';
export { makeWebhookDeliverer, type WebhookDeliverer, type WebhookDelivererParts } from './webhooks/deliver-webhooks.ts';
export { type OwnUnit, withStores } from './with-stores.ts';
