/**
 * `kept/domain`: the words and rules of Kept.
 * Long because every name is listed on purpose; `test/library/public-surface.unit.ts` holds the lists.
 */

// Make it: the parts of a Kept, and how they are put together.

export { withoutAdvice } from './agent/advice.ts';
export {
  type Agent,
  type AgentLimits,
  DEFAULT_LIMITS,
  DEFAULT_PROMISE_AGENT,
  EFFORTS,
  type Effort,
  type ReplyLimits,
} from './agent/agent.ts';
export {
  installHint,
  type KnownModels,
  type ModelProvider,
  type ModelReference,
  modelNameOf,
  modelReferenceProblem,
  type ReferenceProblem,
  readModelReference,
} from './agent/model-reference.ts';
export { type AskedMessage, askedMessage, type Run, runFields, type StoredRun } from './agent/run.ts';
export {
  type IntentStep,
  type ModelStep,
  type RecordedCall,
  type RunId,
  type RunStep,
  type RunStepOf,
  runId,
  type ToolStep,
  unknownActsNote,
} from './agent/run-step.ts';
export { stepsInWords } from './agent/steps-in-words.ts';
export { plainToolName } from './agent/tool-name.ts';
export {
  AUDIT_KINDS,
  type AuditFact,
  type AuditFilter,
  type AuditHead,
  type AuditKind,
  type AuditRow,
  auditFields,
  chatOfFact,
  NO_ROWS,
} from './audit/audit.ts';
export {
  type ChainCheck,
  type ChainFault,
  chainBehind,
  checkRows,
  faultInWords,
  hashedText,
} from './audit/chain.ts';
export { type ConfigurationChange, configurationFact, loginFact } from './audit/facts.ts';
export {
  type BudgetOwner,
  countsWithin,
  fits,
  type LedgerEntry,
  type LimitUse,
  ledgerFields,
  type Reservation,
  type SpendingLimit,
  type SpentOn,
  USAGE_GROUPS,
  type UsageGroup,
  type UsageRow,
  type UsageSum,
} from './budget/ledger.ts';
export { type Budget, fromUsd, inDollars, inDollarsExactly, type MicroUsd, moneyOf, sumOf, toUsd } from './budget/money.ts';
export { BUILT_IN_PRICES, costOf, type Price, type Prices, priceOf, type TokenRates } from './budget/prices.ts';
export { type TurnSettings, turnSettings } from './conversation/turn-settings.ts';
export { DEFAULT_RETRY, type RetryPolicy, retryPolicy } from './promise/promise.ts';
export { DEFAULT_RETENTION_MS, type WorkerSettings, workerSettings } from './promise/worker-settings.ts';
export { isNewEnough, requireNode } from './shared/node-version.ts';
export { normaliseUsername, usernameKey, type Whitelist, type WhitelistEntry } from './whitelist/whitelist.ts';
export { allDatabases, type DatabasesFor, ownDatabase, type WorkspaceDatabaseRef } from './workspace/databases.ts';
export {
  type AccessPolicy,
  type GivenRole,
  type KnownPerson,
  type Origin,
  type OutdatedChat,
  operatorOnly,
  outdatedChats,
  type Scope,
  type Workspace,
} from './workspace/policy.ts';

// Drive it: what can be asked and done, and what comes back.

export type { Alert, AlertSeverity, AlertStatus } from './alert/alert.ts';
export {
  type AlertDelivery,
  type AlertSilence,
  type ChannelTraits,
  channelsFor,
  failedDelivery,
  isSilenced,
  planDeliveries,
  sentDelivery,
  serviceOf,
} from './alert/delivery.ts';
export {
  type AlertIncident,
  type AlertReading,
  type AlertReadings,
  type AlertRecord,
  type AlertState,
  type AlertStep,
  alertOf,
  alertState,
  stepAlerts,
} from './alert/evaluate.ts';
export {
  ALERT_RULE_IDS,
  ALERT_RULES,
  type AlertRule,
  type AlertRuleId,
  type AlertRules,
  type AlertSettings,
  type AlertUnit,
  builtInAlertRules,
  GIVEN_UP_MS,
  isAlertRuleId,
  isBadBy,
  MAX_UNDELIVERED,
  windowOf,
} from './alert/rules.ts';
export { thresholdWords, valueWords } from './alert/words.ts';
export {
  APPROVAL_STATUSES,
  type Approval,
  type ApprovalStatus,
  type ApprovedCall,
  type AskedApproval,
  type Decider,
  type StandingApproval,
} from './approval/approval.ts';
export { type ApprovalId, approvalId, type StandingId, standingId } from './approval/approval-id.ts';
export { digestOf } from './approval/digest.ts';
export { approvalFields, changedApproval, standingFields } from './approval/fields.ts';
export { holds, standsFor } from './approval/standing.ts';
export {
  type ApprovalCommand,
  type ApprovalTransitionRefusal,
  isEnded as isApprovalEnded,
  transitionApproval,
} from './approval/transition.ts';
export type { Backup, BackupEngine, BackupFile, BackupManifest, BackupTable } from './backup/backup.ts';
export type { Chat, ChatKind } from './chat/chat.ts';
export type { ChatMove } from './chat/chat-move.ts';
export {
  AGENT_ID,
  type AnyId,
  type ChatId,
  chatId,
  chatIdOf,
  DEFAULT_LOCAL_CHAT,
  gatewayOf,
  isLocalChat,
  LOCAL,
  localChatId,
  type MessageId,
  messageId,
  messageIdOf,
  type NativeId,
  namedChat,
  namedMessage,
  nativeId,
  OPERATOR_ID,
  roomOf,
  SELF_PING_CHAT,
  threadOf,
  type UserId,
  userId,
  userIdOf,
} from './chat/ids.ts';
export { codingRefusal, isCodingTask } from './coding/coding-task.ts';
export { DEFAULT_CODING_LIMITS } from './coding/limits.ts';
export {
  decidePermission,
  PERMISSION_KINDS,
  type PermissionDecision,
  type PermissionKind,
  type PermissionRequest,
} from './coding/permission.ts';
export type { Attached, ConversationEntry, ConversationStep, ToolCall } from './conversation/conversation.ts';
export type { Decision, TurnDraft } from './conversation/decision.ts';
export type { Media, PictureType } from './conversation/media.ts';
export type { PlacedEntry, Summary } from './conversation/summary.ts';
export type { Turn, TurnId, Usage } from './conversation/turn.ts';
export type { AgentEvent } from './events/agent-events.ts';
export type { ApprovalEvent } from './events/approval-events.ts';
export type { CodingEvent } from './events/coding-events.ts';
export type { DeliveryEvent } from './events/delivery-events.ts';
export type { EventOf, KeptEvent, KeptEventType } from './events/event.ts';
export type { MessageEvent } from './events/message-events.ts';
export type { AdapterEvent, EngineNotice, Facts, GatewayNotice, HttpNotice, ModelServerNotice, TracesNotice } from './events/notices.ts';
export type { ProcessEvent } from './events/process-events.ts';
export type { PromiseEvent } from './events/promise-events.ts';
export type { RecallEvent } from './events/recall-events.ts';
export type { RightEvent } from './events/right-events.ts';
export type { TurnEvent } from './events/turn-events.ts';
export { type CheckStatus, type HealthCheck, type HealthReport, type HealthStatus, summarise } from './health/health.ts';
export { type Readiness, type ReadinessReading, readinessOf, type UnreadyFrom } from './health/readiness.ts';
export type { PingReport, PingReports } from './health/self-ping.ts';
export type { LeaseSettings } from './leadership/leadership.ts';
export type { AccessDecision, AccessRule } from './message/access.ts';
export type { Attachment, AttachmentKind, FetchedAttachment } from './message/attachment.ts';
export type { InboxMessage, Verdict } from './message/inbox-message.ts';
export type { DeletedMessages, IncomingMessage, MessagePart, Sender } from './message/message.ts';
export type { RepliedMessage } from './message/replied.ts';
export type { ResponseDecision, ResponseRule } from './message/response.ts';
export type { MessageButton, OutboxDraft, OutboxId, OutboxItem, OutboxState, PendingOutboxItem } from './outbox/outbox.ts';
export { type Drain, drainWords, inHandWords, type WorkInHand } from './process/drain.ts';
export {
  answersPeople,
  HEARTBEAT_MS,
  isAlive,
  keepsPromises,
  type ListedProcess,
  listedAt,
  MAX_LISTED_PROCESSES,
  MAX_LISTED_PROMISES,
  MAX_OVER,
  MAX_OVER_EACH,
  PROCESS_RETENTION_MS,
  type ProcessIdentity,
  type ProcessWork,
  type RegisteredProcess,
  type Restarts,
  restartsSince,
  restartWords,
  SILENT_AFTER_MS,
  type Vitality,
} from './process/register.ts';
export {
  afterEnd,
  CONFIG_EXIT,
  type EndVerdict,
  endWords,
  isLooping,
  type ProcessEnd,
  SUPERVISION,
  type Supervised,
  type SupervisedPhase,
  type SupervisionSettings,
  supervisedWords,
} from './process/supervision.ts';
export type { DependencyRefusal } from './promise/dependencies.ts';
export type { GateOutcome } from './promise/gate.ts';
export type {
  AgentPromise,
  Lease,
  LeasedPromise,
  PendingPromise,
  PromiseFailure,
  PromiseId,
  PromiseProgress,
  PromiseSpec,
  PromiseState,
  PromiseStatus,
  SettledPromise,
  TaskTerms,
  TaskType,
} from './promise/promise.ts';
export type { ActiveSchedule, Schedule, ScheduleEndRefusal, ScheduleId, ScheduleSpec, ScheduleState } from './promise/schedule.ts';
export type { Claimable, Shares } from './promise/shares.ts';
export { timesAhead } from './promise/times.ts';
export type { PromiseCommand, TransitionRefusal } from './promise/transition.ts';
export type { Echo } from './recall/echo.ts';
export { type Fact, type FactId, type FactOwner, type FactPlace, factId, type SaidBy } from './recall/fact.ts';
export type { Link } from './recall/link.ts';
export { type Actor, decideRight, type HeldRole, type Holder, ownersOf, type RightAbout, roleOf } from './rights/decide-right.ts';
export { denialWords } from './rights/denial-words.ts';
export type { RightDecision, RightRule } from './rights/right-decision.ts';
export { RIGHT_WORDS } from './rights/right-words.ts';
export { ACTIONS, type Action, ROLES, type Role } from './rights/rights.ts';
export { LISTED_RIGHTS, type ListedRight, type RightsIn, type RightVerdict, rightsIn } from './rights/rights-in.ts';
export { type RunsFor, speakersOf } from './rights/speakers.ts';
export { type Brand, describe, wholeNumber } from './shared/brand.ts';
export { bytesWords } from './shared/bytes.ts';
export { type CommandForm, commandForm, useCommandForm } from './shared/command-form.ts';
export { durationWords } from './shared/duration.ts';
export { excerpt } from './shared/excerpt.ts';
export { plural } from './shared/plural.ts';
export { type Present, present } from './shared/present.ts';
export { err, ok, type Refusal, type Result } from './shared/result.ts';
export { readSpan, SPAN_FORMS } from './shared/span.ts';
export { clockTime, isLeftOut, pastTimeForms, readPastTime, readTime, readTimeOfDay, timeForms } from './shared/time.ts';
export {
  LEVEL,
  MAX_MEASURED_NAMES,
  MEASURED_KINDS,
  type MeasuredKind,
  type MeasuredSketch,
  type Measurements,
  type MeasurementsBuilder,
  makeMeasurementsBuilder,
  mergedSketches,
  NO_NAME,
  type Observation,
  OTHER_NAMES,
  SKETCHED_KINDS,
  type SketchedKind,
  UNKNOWN_NAME,
} from './stats/measurements.ts';
export { type KindSeries, type LevelSeries, type SeriesSteps, seriesOf } from './stats/series.ts';
export { isSketch, makeSketchBuilder, percentileOf, SKETCH_ERROR, type Sketch, type SketchBuilder } from './stats/sketch.ts';
export { type StatsRow, statsRow, successRateOf } from './stats/stats-row.ts';
export {
  chatOfWebhook,
  MAX_WEBHOOK_AGE_MS,
  type PendingWebhookEvent,
  revivedEvent,
  WEBHOOK_RETENTION_MS,
  WEBHOOK_STATUSES,
  WEBHOOK_TYPES,
  type WebhookApproval,
  type WebhookDraft,
  type WebhookEvent,
  type WebhookEventId,
  type WebhookFact,
  type WebhookState,
  type WebhookStatus,
  type WebhookType,
  webhookDraftFields,
} from './webhook/webhook-event.ts';

// Bring your own: the ports, and what helps to implement them.

export { cardButtons, readButton } from './approval/card-text.ts';
export { visible, visibleJson } from './approval/visible.ts';
export { entryFields, saidIn, stepFields, withoutNumbers } from './conversation/conversation.ts';
export { makeTurnDraft } from './conversation/decision.ts';
export { isAbout, revisedStep, stepWithout } from './conversation/revision.ts';
export { isSameSummary, summaryFields } from './conversation/summary.ts';
export { addUsage, isPaid, NO_USAGE, OWN_ANSWERS, turnFields, turnId } from './conversation/turn.ts';
export { excerptAround, isFound, type Phrase, type WordQuery, wordQuery, wordsOf } from './conversation/words.ts';
export { attachmentFields, fetchedFields } from './message/attachment.ts';
export { accessFields, inboxMessageFields, responseFields, senderFields, verdictFields } from './message/inbox-message.ts';
export { MAX_MESSAGE_LENGTH, textOfParts } from './message/message.ts';
export { repliedFields } from './message/replied.ts';
export { answeredNonces, pingText } from './message/self-ping.ts';
export { draftFields, MAX_OUTBOX_AGE_MS } from './outbox/outbox.ts';
export {
  approvePairing,
  codeOf,
  isOpenPairing,
  MAX_OPEN_PAIRINGS,
  MAX_PAIRED,
  makePairing,
  PAIRING_MS,
  PAIRING_STATUSES,
  type Pairing,
  type PairingRefusal,
  type PairingStatus,
  pairingFields,
  readCode,
  revokePairing,
} from './pairing/pairing.ts';
export { promiseCommandHelp, promiseCommandWords } from './promise/command-words.ts';
export { changedFields, failureFields, promiseFields, requesterFields } from './promise/fields.ts';
export { isSettled, MAX_LOST_LEASES, PROMISE_STATUSES, promiseId, TASK_TYPES } from './promise/promise.ts';
export { advance, endSchedule, makeSchedule, scheduleFields, scheduleId } from './promise/schedule.ts';
export { capacityFor, claimableAt, inTurn, withinShares } from './promise/shares.ts';
export { makePromise, transition } from './promise/transition.ts';
export { factFields, isOwnedBy, isSeenFrom, saidByFields } from './recall/fact.ts';
export { MAX_LINKS_PER_TENANT } from './recall/limits.ts';
export { linkFields, linksOf, readLink, wordsOfLink } from './recall/link.ts';
export { InvalidValueError } from './shared/brand.ts';
export { commandHint } from './shared/command-form.ts';
export { excerptWithLength } from './shared/excerpt.ts';
export { isTimeZone } from './shared/time.ts';

// Where things come from.

export type { Leg } from './trust/judge-trust.ts';
export {
  joined,
  labelsInWords,
  type Provenance,
  provenanceFields,
  provenanceFromText,
  provenanceToText,
  type TrustLabel,
} from './trust/labels.ts';
export { makeShown, type Shown, type ShownSteps } from './trust/shown.ts';

// An upgrade.

export {
  FRESH_BACKUP_MS,
  type MigrationPhase,
  type PendingMigration,
  type UpgradeObstacle,
  type UpgradePlan,
  upgradePlan,
} from './upgrade/plan.ts';
