import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { AgentPromise, PromiseStatus, TaskType } from '../../domain/promise/promise.ts';

export interface PromiseFilter {
  readonly statuses?: readonly PromiseStatus[];
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly taskTypes?: readonly TaskType[];
  readonly tenant?: string;
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
  stats(): Promise<Readonly<Record<PromiseStatus, number>>>;
}
