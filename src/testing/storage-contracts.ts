import type { Storage } from '../ports/index.ts';
import { alertStoreContract } from './alert-store.contract.ts';
import { approvalStoreContract } from './approval-store.contract.ts';
import { auditLogContract } from './audit-log.contract.ts';
import { cardStoreContract } from './card-store.contract.ts';
import { chatMovesContract } from './chat-moves.contract.ts';
import type { Contract } from './contract.ts';
import { conversationStoreContract, turnStoreContract } from './conversation-store.contract.ts';
import { factStoreContract } from './fact-store.contract.ts';
import { idsContract } from './ids.contract.ts';
import { journalContract } from './journal.contract.ts';
import { keyValueStateContract } from './key-value-state.contract.ts';
import { ledgerContract } from './ledger.contract.ts';
import { linkStoreContract } from './link-store.contract.ts';
import { localTranscriptContract } from './local-transcript.contract.ts';
import { messageStoreContract } from './message-store.contract.ts';
import { outboxStoreContract } from './outbox-store.contract.ts';
import { pairingStoreContract } from './pairing-store.contract.ts';
import { processRegisterContract } from './process-register.contract.ts';
import { promiseQueueContract } from './promise-queue.contract.ts';
import { promiseStoreContract } from './promise-store.contract.ts';
import { provenanceContract } from './provenance.contract.ts';
import { requestKeysContract } from './request-keys.contract.ts';
import { scheduleStoreContract } from './schedule-store.contract.ts';
import { sketchStoreContract } from './sketch-store.contract.ts';
import { summaryStoreContract } from './summary-store.contract.ts';
import { unitOfWorkContract } from './unit-of-work.contract.ts';
import { usernamePinsContract } from './username-pins.contract.ts';
import { webhookStoreContract } from './webhook-store.contract.ts';

/** All that a storage engine must do, by port. */
export const storageContracts: Readonly<Record<string, Contract<Storage>>> = {
  MessageStore: messageStoreContract,
  ConversationStore: conversationStoreContract,
  SummaryStore: summaryStoreContract,
  TurnStore: turnStoreContract,
  Journal: journalContract,
  OutboxStore: outboxStoreContract,
  CardStore: cardStoreContract,
  PromiseStore: promiseStoreContract,
  PromiseQueue: promiseQueueContract,
  ApprovalStore: approvalStoreContract,
  ScheduleStore: scheduleStoreContract,
  FactStore: factStoreContract,
  LinkStore: linkStoreContract,
  Ledger: ledgerContract,
  LocalTranscript: localTranscriptContract,
  Ids: idsContract,
  KeyValueState: keyValueStateContract,
  UsernamePins: usernamePinsContract,
  ChatMoves: chatMovesContract,
  PairingStore: pairingStoreContract,
  SketchStore: sketchStoreContract,
  AuditLog: auditLogContract,
  AlertStore: alertStoreContract,
  WebhookStore: webhookStoreContract,
  RequestKeys: requestKeysContract,
  ProcessRegister: processRegisterContract,
  Provenance: provenanceContract,
  UnitOfWork: unitOfWorkContract,
};
