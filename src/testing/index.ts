/**
 * `kept/testing`: the laws of the ports as contracts, and fakes.
 * Every name is listed on purpose; `test/library/public-surface.unit.ts` holds the lists.
 */

// Bring your own: contracts, builders and fakes.

export { alertStoreContract } from './alert-store.contract.ts';
export { approvalStoreContract } from './approval-store.contract.ts';
export { auditLogContract } from './audit-log.contract.ts';
export {
  buildApproval,
  buildAuditFact,
  buildDraft,
  buildEntry,
  buildFact,
  buildLink,
  buildMessage,
  buildOutboxDraft,
  buildPolicy,
  buildPromise,
  buildRecord,
  buildRun,
  buildSchedule,
  buildTool,
  buildTurn,
  buildWorkspace,
  carryOut,
  GROUP,
  type MessageOverrides,
  promiseAfter,
  START,
  undelivered,
  workResult,
} from './builders.ts';
export { changeFeedContract } from './change-feed.contract.ts';
export { chatGatewayContract, type GatewayTrial, type ShownMessage } from './chat-gateway.contract.ts';
export { chatMovesContract } from './chat-moves.contract.ts';
export { type CodingAgentUnderTest, type CodingStep, codingAgentContract } from './coding-agent.contract.ts';
export { type Contract, type Opened, runContract, type TestRunner } from './contract.ts';
export { conversationStoreContract, turnStoreContract } from './conversation-store.contract.ts';
export { cronCalendarContract } from './cron-calendar.contract.ts';
export { engineContract } from './engine.contract.ts';
export { factStoreContract } from './fact-store.contract.ts';
export { type FixedClock, makeFixedClock } from './fixed-clock.ts';
export { localMessage, numberIn, telegramChat, telegramMessage, telegramUser } from './ids.ts';
export { buildInlet } from './inlet.ts';
export { journalContract } from './journal.contract.ts';
export { keyValueStateContract } from './key-value-state.contract.ts';
export { languageModelContract, type ModelFailure, type ModelUnderTest } from './language-model.contract.ts';
export { type LeaderLeaseSubject, leaderLeaseContract } from './leader-lease.contract.ts';
export { ledgerContract } from './ledger.contract.ts';
export { linkStoreContract } from './link-store.contract.ts';
export { localTranscriptContract } from './local-transcript.contract.ts';
export { type LogLine, makeRecordingLogger } from './loggers.ts';
export { messageStoreContract } from './message-store.contract.ts';
export { outboxStoreContract } from './outbox-store.contract.ts';
export { pairingStoreContract } from './pairing-store.contract.ts';
export { countWinners, portFailure } from './port-failure.ts';
export { buildProcess, processRegisterContract } from './process-register.contract.ts';
export { type ExecutorUnderTest, promiseExecutorContract } from './promise-executor.contract.ts';
export { promiseQueueContract } from './promise-queue.contract.ts';
export { promiseStoreContract } from './promise-store.contract.ts';
export { provenanceContract } from './provenance.contract.ts';
export { makeRecordingEvents, type RecordingEvents } from './recording-events.ts';
export {
  type BestEffort,
  type Edit,
  makeRecordingGateway,
  type RecordingGateway,
  type SendFailure,
  type SentMessage,
} from './recording-gateway.ts';
export { requestKeysContract } from './request-keys.contract.ts';
export { scheduleStoreContract } from './schedule-store.contract.ts';
export { makeScriptedModel, type ScriptedModel, type ScriptedStep } from './scripted-model.ts';
export { makeSeededRandomness } from './seeded-randomness.ts';
export { buildMeasurements, sketchesOf, sketchStoreContract } from './sketch-store.contract.ts';
export { storageContracts } from './storage-contracts.ts';
export { summaryStoreContract } from './summary-store.contract.ts';
export { type ToolUnderTest, toolContract } from './tool.contract.ts';
export { unitOfWorkContract } from './unit-of-work.contract.ts';
export { usernamePinsContract } from './username-pins.contract.ts';
export { buildWebhookDraft, webhookStoreContract } from './webhook-store.contract.ts';
export { type FilesTrial, workspaceFilesContract } from './workspace-files.contract.ts';
