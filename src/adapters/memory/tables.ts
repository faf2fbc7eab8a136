import type {
  AgentPromise,
  AlertDelivery,
  AlertRecord,
  AlertSilence,
  Approval,
  ApprovalId,
  ApprovalStatus,
  AuditFact,
  AuditRow,
  ChatId,
  ChatMove,
  ConversationEntry,
  Fact,
  InboxMessage,
  LedgerEntry,
  Link,
  MessageId,
  OutboxItem,
  Pairing,
  RegisteredProcess,
  Reservation,
  Run,
  RunId,
  RunStep,
  Schedule,
  StandingApproval,
  Summary,
  Turn,
  TurnId,
  UserId,
  WebhookEvent,
} from '../../domain/index.ts';
import type { KeptAnswer, StoredMeasurements, TranscriptMessage } from '../../ports/index.ts';
import { makeTable, type Table } from './table.ts';

export interface EntryRow {
  readonly sequence: number;
  readonly entry: ConversationEntry;
}

export interface TranscriptRow {
  readonly message: TranscriptMessage;
  readonly randomId: string;
  readonly received: boolean;
}

export interface StateRow {
  readonly owner: string;
  readonly key: string;
  /** Absent if the key is deleted. */
  readonly value?: string;
}

/** The entry after which a chat's conversation begins. */
export interface ForgottenRow {
  readonly chatId: ChatId;
  readonly upTo: number;
}

export interface RunRow {
  readonly run: Run;
  readonly counted: number;
  readonly endedAt?: number;
  readonly turnId?: TurnId;
}

export interface RunStepRow {
  readonly runId: RunId;
  readonly seq: number;
  readonly writer: string;
  readonly step: RunStep;
}

export interface PinRow {
  readonly username: string;
  readonly userId: UserId;
}

export interface RequestKeyRow {
  readonly key: string;
  readonly request: string;
  readonly once: string;
  readonly at: number;
  readonly until: number;
  readonly doneAt?: number;
  readonly answer?: KeptAnswer;
}

export interface LinkRow {
  readonly sequence: number;
  readonly link: Link;
}

/** A fact, and its place in the chain once it is sealed. */
export interface AuditEntry {
  readonly id: number;
  readonly fact: AuditFact;
  readonly sealed?: AuditRow;
}
type Sequence =
  | 'entry'
  | 'outbox'
  | 'promise'
  | 'approval'
  | 'standing'
  | 'schedule'
  | 'fact'
  | 'link'
  | 'audit'
  | 'webhook'
  | `transcript ${ChatId}`;

/** The status that the card of an approval shows. */
export interface CardRow {
  readonly id: ApprovalId;
  readonly shows: ApprovalStatus;
}

/** All tables, as one unit of work sees them. */
export interface Tables {
  readonly messages: Table<InboxMessage>;
  readonly entries: Table<EntryRow>;
  readonly summaries: Table<Summary>;
  readonly turns: Table<Turn>;
  readonly runs: Table<RunRow>;
  readonly runSteps: Table<RunStepRow>;
  readonly outbox: Table<OutboxItem>;
  readonly promises: Table<AgentPromise>;
  readonly approvals: Table<Approval>;
  readonly cards: Table<CardRow>;
  readonly standing: Table<StandingApproval>;
  readonly schedules: Table<Schedule>;
  readonly transcript: Table<TranscriptRow>;
  readonly forgotten: Table<ForgottenRow>;
  readonly facts: Table<Fact>;
  readonly links: Table<LinkRow>;
  readonly pins: Table<PinRow>;
  readonly moves: Table<ChatMove>;
  readonly pairings: Table<Pairing>;
  readonly sketches: Table<StoredMeasurements>;
  readonly processes: Table<RegisteredProcess>;
  readonly alerts: Table<AlertRecord>;
  readonly alertDeliveries: Table<AlertDelivery>;
  readonly silences: Table<AlertSilence>;
  readonly webhooks: Table<WebhookEvent>;
  readonly requestKeys: Table<RequestKeyRow>;
  readonly audit: Table<AuditEntry>;
  readonly keyValues: Table<StateRow>;
  readonly ledger: Table<LedgerEntry>;
  readonly reservations: Table<Reservation>;
  /** Rising numbers. None is handed out twice, even if the unit of work that drew it is undone. */
  readonly next: (sequence: Sequence) => number;
}

/** How a unit of work ends. */
export interface Ending {
  /** Whether there was anything to commit. */
  commit(): boolean;
  close(): void;
}

export const messageKey = (chatId: ChatId, messageId: MessageId): string => `${chatId}/${messageId}`;

export const stepKey = (run: RunId, seq: number): string => `${run}/${seq}`;

export const linkKey = ({ tenant, key }: Pick<Link, 'tenant' | 'key'>): string => JSON.stringify([tenant, key]);

export const stateKey = (owner: string, key: string): string => JSON.stringify([owner, key]);

export const deliveryKey = ({ key, channel }: Pick<AlertDelivery, 'key' | 'channel'>): string => JSON.stringify([key, channel]);

/**
 * Makes the tables, and returns a function that opens a view of them: what is committed, under the changes of the view
 * itself.
 */
export const makeTables = (): (() => { readonly tables: Tables; readonly ending: Ending }) => {
  const messages = makeTable<InboxMessage>(({ message }) => messageKey(message.chat.id, message.messageId));
  const entries = makeTable<EntryRow>(({ sequence }) => sequence);
  const summaries = makeTable<Summary>(({ chatId }) => chatId);
  const turns = makeTable<Turn>(({ id }) => id);
  const runs = makeTable<RunRow>(({ run }) => run.id);
  const runSteps = makeTable<RunStepRow>(({ runId, seq }) => stepKey(runId, seq));
  const outbox = makeTable<OutboxItem>(({ id }) => id);
  const promises = makeTable<AgentPromise>(({ id }) => id);
  const approvals = makeTable<Approval>(({ id }) => id);
  const cards = makeTable<CardRow>(({ id }) => id);
  const standing = makeTable<StandingApproval>(({ id }) => id);
  const schedules = makeTable<Schedule>(({ id }) => id);
  const transcript = makeTable<TranscriptRow>(({ message }) => messageKey(message.chatId, message.messageId));
  const forgotten = makeTable<ForgottenRow>(({ chatId }) => chatId);
  const moves = makeTable<ChatMove>(({ from }) => from);
  const facts = makeTable<Fact>(({ id }) => id);
  const links = makeTable<LinkRow>(({ link }) => linkKey(link));
  const pins = makeTable<PinRow>(({ username }) => username);
  const pairings = makeTable<Pairing>(({ userId }) => userId);
  const processes = makeTable<RegisteredProcess>(({ id }) => id);
  const alerts = makeTable<AlertRecord>(({ key }) => key);
  const alertDeliveries = makeTable<AlertDelivery>(deliveryKey);
  const silences = makeTable<AlertSilence>(({ target }) => target);
  const requestKeys = makeTable<RequestKeyRow>(({ key }) => key);
  const webhooks = makeTable<WebhookEvent>(({ id }) => id);
  const sketches = makeTable<StoredMeasurements>(({ id }) => id);
  const audit = makeTable<AuditEntry>(({ id }) => id);
  const keyValues = makeTable<StateRow>(({ owner, key }) => stateKey(owner, key));
  const ledger = makeTable<LedgerEntry>(({ id }) => id);
  const reservations = makeTable<Reservation>(({ id }) => id);
  const drawn = new Map<string, number>();
  const next = (sequence: string): number => {
    const number = (drawn.get(sequence) ?? 0) + 1;
    drawn.set(sequence, number);
    return number;
  };
  return () => {
    const view = {
      messages: messages.branch(),
      entries: entries.branch(),
      summaries: summaries.branch(),
      turns: turns.branch(),
      runs: runs.branch(),
      runSteps: runSteps.branch(),
      outbox: outbox.branch(),
      promises: promises.branch(),
      approvals: approvals.branch(),
      cards: cards.branch(),
      standing: standing.branch(),
      schedules: schedules.branch(),
      transcript: transcript.branch(),
      forgotten: forgotten.branch(),
      facts: facts.branch(),
      links: links.branch(),
      pins: pins.branch(),
      moves: moves.branch(),
      pairings: pairings.branch(),
      sketches: sketches.branch(),
      processes: processes.branch(),
      alerts: alerts.branch(),
      alertDeliveries: alertDeliveries.branch(),
      silences: silences.branch(),
      webhooks: webhooks.branch(),
      requestKeys: requestKeys.branch(),
      audit: audit.branch(),
      keyValues: keyValues.branch(),
      ledger: ledger.branch(),
      reservations: reservations.branch(),
    };
    const branches: Ending[] = Object.values(view);
    return {
      tables: { ...view, next },
      ending: {
        commit: () => branches.map((branch) => branch.commit()).includes(true),
        close: () => {
          for (const branch of branches) branch.close();
        },
      },
    };
  };
};
