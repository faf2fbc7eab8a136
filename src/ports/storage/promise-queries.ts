import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { AgentPromise, PromiseId, PromiseStatus, TaskType } from '../../domain/promise/promise.ts';

export interface PromiseFilter {
  readonly statuses?: readonly PromiseStatus[];
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly taskTypes?: readonly TaskType[];
  readonly tenant?: string;
  readonly agent?: string;
  /** Stands in the description, in whatever case. */
  readonly text?: string;
  /** Only promises with a lower number. */
  readonly before?: PromiseId;
  /** Only promises with that number or a higher one. */
  readonly from?: PromiseId;
  /** Newest first where true; else oldest first. */
  readonly newestFirst?: boolean;
  readonly limit: number;
}

/** What people and programs ask about promises. */
export interface PromiseQueries {
  find(filter: PromiseFilter): Promise<readonly AgentPromise[]>;
  findByKey(chatId: ChatId, idempotencyKey: string): Promise<AgentPromise | undefined>;
  /** How many promises of that chat have not settled. */
  countOpen(chatId: ChatId): Promise<number>;
  /** The same of every chat that has any. */
  openByChat(): Promise<ReadonlyMap<ChatId, number>>;
  stats(): Promise<Readonly<Record<PromiseStatus, number>>>;
}
