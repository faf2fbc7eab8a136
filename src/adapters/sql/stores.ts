import type { Stores } from '../../ports/index.ts';
import { makeAlertStore } from './alert-store.ts';
import { makeApprovalStore } from './approval-store.ts';
import { makeAuditLog } from './audit-log.ts';
import { makeCardStore } from './card-store.ts';
import { makeChatMoves } from './chat-moves.ts';
import { makeConversationStore } from './conversation-store.ts';
import { makeFactStore } from './fact-store.ts';
import { makeJournal } from './journal.ts';
import { makeLedger } from './ledger.ts';
import { makeLinkStore } from './link-store.ts';
import { makeMessageStore } from './message-store.ts';
import { makeOutboxStore } from './outbox-store.ts';
import { makePairingStore } from './pairing-store.ts';
import { makeProcessRegister } from './process-register.ts';
import { type FollowPromises, makePromiseStore } from './promise-store.ts';
import { makeRequestKeys } from './request-keys.ts';
import { makeScheduleStore } from './schedule-store.ts';
import { makeSketchStore } from './sketch-store.ts';
import type { Sql, Transaction } from './sql.ts';
import { makeSummaryStore } from './summary-store.ts';
import { makeTurnStore } from './turn-store.ts';
import { makeUsernamePins } from './username-pins.ts';
import { makeWebhookStore } from './webhook-store.ts';

/** Every store, over the database itself or over one transaction. */
export const storesOver = <T extends Transaction>(sql: Sql<T>, follow?: FollowPromises<T>): Stores => ({
  messages: makeMessageStore(sql),
  conversations: makeConversationStore(sql),
  summaries: makeSummaryStore(sql),
  turns: makeTurnStore(sql),
  journal: makeJournal(sql),
  outbox: makeOutboxStore(sql),
  promises: makePromiseStore(sql, follow),
  approvals: makeApprovalStore(sql),
  cards: makeCardStore(sql),
  schedules: makeScheduleStore(sql),
  facts: makeFactStore(sql),
  links: makeLinkStore(sql),
  usernames: makeUsernamePins(sql),
  chatMoves: makeChatMoves(sql),
  audit: makeAuditLog(sql),
  ledger: makeLedger(sql),
  pairings: makePairingStore(sql),
  sketches: makeSketchStore(sql),
  alerts: makeAlertStore(sql),
  webhooks: makeWebhookStore(sql),
  requestKeys: makeRequestKeys(sql),
  processes: makeProcessRegister(sql),
});
