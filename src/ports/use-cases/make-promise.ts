import type { ChatKind } from '../../domain/chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../../domain/chat/ids.ts';
import type { DependencyRefusal } from '../../domain/promise/dependencies.ts';
import type { AgentPromise, PromiseId, TaskType } from '../../domain/promise/promise.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { ToolContext } from '../tool.ts';

/** What is to be done, for a promise or for each promise of a schedule. */
export interface TaskRequest {
  /** The task in words: 1 to 10,000 characters. */
  readonly description: string;
  /** The agent that does the work, by name. Default: `valor_agent`. */
  readonly agent?: string;
  /** Default: `analysis`. */
  readonly taskType?: TaskType;
  /** 1 (first) to 10 (last). Default: 5. */
  readonly priority?: number;
}

export interface PromiseRequest extends TaskRequest {
  /** The promise waits until these are completed. They must belong to the same chat. */
  readonly dependsOn?: readonly PromiseId[];
  /** The promise does not start before this time (ms since 1970). */
  readonly notBefore?: number;
  /** The promise fails if it is not completed by this time (ms since 1970). */
  readonly deadline?: number;
  /** At most one promise is made for each key and chat. */
  readonly idempotencyKey?: string;
  /** The promise continues what a turn has begun: it is shown the conversation up to the end of that turn. */
  readonly goesOn?: true;
  /** The coding agent keeps the promise, not an agent of Kept. */
  readonly coding?: true;
}

/** The chat, message and person that something was asked by. */
export interface PromiseOrigin {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
}

export type TaskRefusal = Refusal<'promise/invalid'>;
export type MakePromiseRefusal = TaskRefusal | DependencyRefusal | Refusal<'promise/too-many'>;

export interface MadePromise {
  readonly promise: AgentPromise;
  /** False if the promise was made before, for the same idempotency key. */
  readonly isNew: boolean;
}

/**
 * Makes a promise, for a program or an operator. Once it resolves, the promise is durable and will be kept. Rejects
 * with PortError.
 */
export type MakePromise = (request: PromiseRequest, origin: PromiseOrigin) => Promise<Result<MadePromise, MakePromiseRefusal>>;

/** `messageId`: which message of the turn asks for it. Default: the last one. */
export type TurnRequest<Request> = Request & { readonly messageId?: MessageId };

/** Makes a promise part of the turn in `context`: it is stored with that turn's reply, or not at all. */
export type DraftPromise = (request: TurnRequest<PromiseRequest>, context: ToolContext) => Promise<Result<MadePromise, MakePromiseRefusal>>;
