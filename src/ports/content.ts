import type { ConversationStep } from '../domain/conversation/conversation.ts';
import type { ModelReply } from './language-model.ts';

/** What goes to models and tools, and what comes back. No event holds it: few who listen to those may have it. */
export type Content =
  | {
      readonly type: 'model-content';
      readonly agent: string;
      readonly instructions: string;
      readonly asked: readonly ConversationStep[];
      readonly replied: Pick<ModelReply, 'model' | 'text' | 'toolCalls' | 'stop'>;
    }
  | {
      readonly type: 'tool-content';
      /** As the model names it: it may have made the name up. */
      readonly tool: string;
      readonly input: unknown;
      readonly output: string;
    };

/** Hears content. It MUST redact what it writes anywhere, MUST NOT wait, and MUST NOT change what it is given. */
export type ContentListener = (content: Content) => void;

/** Takes content, for those whom the operator lets hear it. */
export interface ContentSink {
  /**
   * MUST NOT throw, and MUST NOT wait for listeners. Calls `make` only where somebody listens. It is called right
   * before the event that tells of the same call.
   */
  tell(make: () => Content): void;
}

/** Nobody listens. */
export const noContent: ContentSink = { tell: () => undefined };
