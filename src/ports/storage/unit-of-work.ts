import type { AlertStore } from './alert-store.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { AuditLog } from './audit-log.ts';
import type { CardStore } from './card-store.ts';
import type { ChatMoves } from './chat-moves.ts';
import type { ConversationStore, TurnStore } from './conversation-store.ts';
import type { FactStore } from './fact-store.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { LinkStore } from './link-store.ts';
import type { MessageStore } from './message-store.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { PairingStore } from './pairing-store.ts';
import type { ProcessRegister } from './process-register.ts';
import type { PromiseStores } from './promise-store.ts';
import type { RequestKeys } from './request-keys.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { SketchStore } from './sketch-store.ts';
import type { SummaryStore } from './summary-store.ts';
import type { UsernamePins } from './username-pins.ts';
import type { WebhookStore } from './webhook-store.ts';

/** Every store, over one transaction or over none. */
export interface Stores {
  readonly messages: MessageStore;
  readonly conversations: ConversationStore;
  readonly summaries: SummaryStore;
  readonly turns: TurnStore;
  readonly journal: Journal;
  readonly outbox: OutboxStore;
  readonly promises: PromiseStores;
  readonly approvals: ApprovalStore;
  readonly schedules: ScheduleStore;
  readonly facts: FactStore;
  readonly links: LinkStore;
  readonly usernames: UsernamePins;
  readonly chatMoves: ChatMoves;
  readonly cards: CardStore;
  readonly audit: AuditLog;
  readonly ledger: Ledger;
  readonly pairings: PairingStore;
  readonly sketches: SketchStore;
  readonly alerts: AlertStore;
  readonly webhooks: WebhookStore;
  readonly requestKeys: RequestKeys;
  readonly processes: ProcessRegister;
}

export interface UnitOfWork {
  /**
   * Runs `work` over stores that commit together. MUST resolve only when everything is durable and visible to every
   * process; MUST leave nothing behind when `work` rejects or the process dies. `work` MUST await stores only: no
   * network, no timers; it MUST change nothing outside of them, because it is run again from its start where the
   * storage had to undo it (a deadlock, a lost connection); it may run beside others in one transaction, each rolled
   * back alone. Reads inside see the writes inside; nobody else does before the commit. Units MUST come out as if they
   * had run one after the other (serialisable): two parents of one waiting promise that complete side by side must not
   * both miss the other's end.
   */
  run<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}
