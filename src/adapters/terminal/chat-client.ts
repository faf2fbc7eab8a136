import type { ApprovalId, MessageId, PromiseId, PromiseStatus, Refusal, Result, TaskType } from '../../domain/index.ts';
import type { TranscriptMessage } from '../../ports/index.ts';

/** A promise as a person at a terminal sees it. Times in ms since 1970. */
export interface PromiseLine {
  readonly id: PromiseId;
  readonly status: PromiseStatus;
  /** The approval that it waits for. */
  readonly approvalId?: ApprovalId;
  readonly description: string;
  readonly taskType: TaskType;
  /** The message that asked for it. */
  readonly messageId?: MessageId;
  readonly createdAt: number;
  readonly completedAt?: number;
  /** When its outcome reached the chat. */
  readonly deliveredAt?: number;
  readonly result?: string;
  readonly error?: string;
}

export type ClientEvent =
  | { readonly type: 'message'; readonly message: TranscriptMessage }
  /** All of a growing answer so far; `''` when it is over. */
  | { readonly type: 'draft'; readonly text: string }
  /**
   * A promise was made or changed. Changes during a lost connection are not sent: call `promises()` when it is back.
   */
  | { readonly type: 'promise'; readonly promise: PromiseLine }
  | { readonly type: 'connection'; readonly up: boolean; readonly reason?: string };

/** One local chat, fixed when the client was made, as seen from a terminal. Each method may reject with PortError. */
export interface ChatClient {
  /**
   * Resolves once the message is durable. Rejects with a retryable PortError only if the message was certainly not
   * stored; after any other failure it may be in the chat.
   */
  post(text: string): Promise<Result<{ readonly messageId: MessageId }, Refusal>>;
  /** Why a message has no answer although a reply says so. Undefined if it was answered. Absent: nobody can say. */
  failureOf?(id: MessageId): Promise<string | undefined>;
  /** Every message with a higher sequence than `after`, lowest first. */
  list(after: number): Promise<readonly TranscriptMessage[]>;
  /** The newest `limit` messages, lowest sequence first. */
  latest(limit: number): Promise<readonly TranscriptMessage[]>;
  /**
   * Shows each message with a higher sequence than `after` (without it: those that come from now on) once and in order,
   * however often the connection breaks, until the returned function is called.
   */
  subscribe(listener: (event: ClientEvent) => void, after?: number): () => void;
  /** The chat's promises, newest first. */
  promises(): Promise<readonly PromiseLine[]>;
  cancel(id: PromiseId): Promise<Result<PromiseLine, Refusal>>;
  retry(id: PromiseId): Promise<Result<PromiseLine, Refusal>>;
}
