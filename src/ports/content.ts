import type { ConversationStep } from '../domain/conversation/conversation.ts';
import type { EventOf } from '../domain/events/event.ts';
import type { ModelReply } from './language-model.ts';

/** What goes to models and tools, and what comes back. No event holds it: few who listen to those may have it. */
export type Content = ModelContent | ToolContent;

export interface ModelContent {
  readonly type: 'model-content';
  readonly agent: string;
  readonly instructions: string;
  readonly asked: readonly ConversationStep[];
  readonly replied: Pick<ModelReply, 'model' | 'text' | 'toolCalls' | 'stop'> | NoReply;
}

export interface ToolContent {
  readonly type: 'tool-content';
  /** As the model names it: it may have made the name up. */
  readonly tool: string;
  readonly input: unknown;
  /** What the tool said; else why it said nothing. */
  readonly output: string;
  readonly outcome: EventOf<'tool-called'>['outcome'];
}

/** A request that no model answered. */
export interface NoReply {
  /** The code of the PortError, or `unknown`. */
  readonly failed: string;
  readonly reason: string;
}

/** Hears content. It MUST redact what it writes anywhere, MUST NOT wait, and MUST NOT change what it is given. */
export type ContentListener = (content: Content) => void;

/** Takes content, for those whom the operator lets hear it. */
export interface ContentSink {
  /**
   * MUST NOT throw, and MUST NOT wait for listeners. Calls `make` only where somebody listens. It is called right
   * before the event that tells of the same call; for a request without a reply, after the events of the models.
   */
  tell(make: () => Content): void;
}

/** Nobody listens. */
export const noContent: ContentSink = { tell: () => undefined };
