import type { ChatId, MessageId } from '../chat/ids.ts';
import type { PromiseId } from '../promise/promise.ts';
import type { Brand } from '../shared/brand.ts';
import { present } from '../shared/present.ts';
import { type Provenance, provenanceFields } from '../trust/labels.ts';

/** A button below a message, where the platform has them. */
export interface MessageButton {
  readonly label: string;
  /** Opaque; comes back when somebody taps it. At most 64 bytes. */
  readonly data: string;
}

export type OutboxId = Brand<number, 'OutboxId'>;

/** A message to send, before it is stored. */
export interface OutboxDraft {
  readonly chatId: ChatId;
  readonly text: string;
  readonly replyTo?: MessageId;
  /** Every message that this one answers; empty for a promise's result. */
  readonly answers: readonly MessageId[];
  /** The promise that this tells of: its result, or that it is still worked on. */
  readonly promiseId?: PromiseId;
  /** In one row, in their order. Where a platform has none, the text alone must do. */
  readonly buttons?: readonly MessageButton[];
  /** Names the one thing that this message says (`turn:…`, `promise:…`): a second with the same key is not stored. */
  readonly dedupeKey: string;
  /** Chosen before the first send and used by every repeat, so that the platform can drop repeats; opaque. */
  readonly deliveryKey: string;
  readonly createdAt: number;
  /** Where its words come from: whoever replies to it shows them again. Absent: that is not known. */
  readonly provenance?: Provenance;
}

export type OutboxItem = OutboxDraft & { readonly id: OutboxId; readonly attempts: number } & OutboxState;

export type OutboxState =
  | { readonly status: 'pending'; readonly dueAt: number; readonly lastError?: string }
  /** Without an id where it was delivered, and nobody can say as which message. */
  | { readonly status: 'sent'; readonly sentAt: number; readonly sentMessageId?: MessageId }
  /** Given up; never silently: the reason is logged, counted and shown. */
  | { readonly status: 'failed'; readonly failedAt: number; readonly lastError: string };

export type PendingOutboxItem = Extract<OutboxItem, { status: 'pending' }>;

/** A repeat of a send is safe only while the receiver remembers the random id; past this age a message is given up. */
export const MAX_OUTBOX_AGE_MS = 24 * 60 * 60 * 1000;

/** A draft and nothing else, whatever the object that it is taken from holds beside. */
export const draftFields = (draft: OutboxDraft): OutboxDraft => ({
  chatId: draft.chatId,
  text: draft.text,
  answers: draft.answers,
  dedupeKey: draft.dedupeKey,
  deliveryKey: draft.deliveryKey,
  createdAt: draft.createdAt,
  ...present({
    replyTo: draft.replyTo,
    promiseId: draft.promiseId,
    buttons: draft.buttons?.map(({ label, data }) => ({ label, data })),
    provenance: provenanceFields(draft.provenance),
  }),
});
