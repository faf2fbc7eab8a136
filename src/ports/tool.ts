import type { ChatKind } from '../domain/chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../domain/chat/ids.ts';
import type { TurnDraft } from '../domain/conversation/decision.ts';
import type { Scope } from '../domain/workspace/policy.ts';
import type { ToolSpec } from './language-model.ts';

/** A message that is answered, and who sent it. */
export interface Asked {
  readonly messageId: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
}

/** What a tool may know of the run that calls it. */
export interface ToolContext {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
  /**
   * The messages that the run answers, oldest first, each with who asked: what is made may belong to any of them. The
   * last one is `messageId`'s; absent where no message is answered.
   */
  readonly asked?: readonly Asked[];
  readonly scope: Scope;
  readonly signal: AbortSignal;
  /** Absent in a promise's own run: there, nothing may be promised. */
  readonly draft?: TurnDraft;
}

export interface ToolOutcome {
  readonly output: string;
  readonly isError: boolean;
}

/**
 * Something that an agent may call.
 * `run` MUST check its input against its schema and answer a misuse with `isError` and words that let the model do
 * better. It MUST stay within `context.scope`, and MUST NOT change anything outside the draft while a turn may still be
 * cut. It may throw PortError; the run then tells the model, and goes on. Only `could-not`, in a promise's own run,
 * ends the run: its promise is not kept.
 */
export interface Tool extends ToolSpec {
  /** A dangerous tool waits for approval before each call. */
  readonly risk: 'safe' | 'dangerous';
  run(input: unknown, context: ToolContext): Promise<ToolOutcome>;
}
