import type { ContentBlockParam, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { Usage } from '../../domain/conversation/turn.ts';
import { present } from '../../domain/shared/present.ts';
import type { ModelEvent, ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import { makeBlocks } from './blocks.ts';
import { endOfReply, firstProgress, isComplete, isCut, nextProgress } from './reply-rules.ts';
import { makeReplyText } from './reply-text.ts';

/**
 * Puts a reply together from the events of its stream, and passes its text on as it comes. `without thoughts` is for a
 * server that only speaks like the API, and leaves what its model thinks in the text.
 */
export const makeReplyReader = (
  who: string,
  onEvent: (event: ModelEvent) => void,
  texts: 'as they come' | 'without thoughts' = 'as they come',
) => {
  const blocks = makeBlocks();
  const text = makeReplyText(onEvent, texts);
  let progress = firstProgress(who);
  let hasBegun = false;

  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });

  return {
    /** An event or a block of an unknown type is passed over: the API adds types without notice. */
    read(event: RawMessageStreamEvent): void {
      if (typeof event !== 'object' || event === null) throw malformed('sent an event that is no object');
      hasBegun = true;
      progress = nextProgress(progress, event);
      switch (event.type) {
        case 'content_block_start':
          blocks.start(event.index, event.content_block);
          if (event.content_block?.type === 'text') text.say(event.content_block.text);
          else onEvent({ type: 'activity' });
          return;
        case 'content_block_delta':
          blocks.add(event.index, event.delta);
          if (event.delta?.type === 'text_delta') text.say(event.delta.text);
          else onEvent({ type: 'activity' });
          return;
        case 'message_start':
        case 'message_delta':
        case 'message_stop':
          return;
        default:
          onEvent({ type: 'activity' });
      }
    },

    /** Its text is as long as any may be: more of it is of no use. */
    isFull: text.isFull,

    /** It says why it ends: nothing that breaks later takes it back. */
    isComplete: (): boolean => isComplete(progress),

    /** The message is over: some servers leave the connection open then. */
    isOver: (): boolean => progress.isOver,

    /** Whether any event of it has come. */
    hasBegun: (): boolean => hasBegun,

    /** What was counted so far; of a call that breaks, what it had used. */
    usage: (): Usage => progress.usage,

    /** The reply to a request that was declined by another than the model. */
    declined: (why: string): ModelReply => ({
      text: text.text(),
      toolCalls: [],
      stop: 'refusal',
      refusal: why,
      usage: progress.usage,
      model: progress.model,
    }),

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` when the stream
     * ended before the message did. `returned`: its blocks, where the model wants them back.
     */
    reply(): Omit<ModelReply, 'attached'> & { readonly returned?: readonly ContentBlockParam[] } {
      text.end(isCut(progress));
      const { model, usage, refusal } = progress;
      if (text.isFull()) return { text: text.text(), toolCalls: [], stop: 'length', usage, model };
      const end = endOfReply(progress, text.text(), blocks.toolUses());
      if ('broken' in end) throw malformed(end.broken);
      return {
        text: text.text(),
        toolCalls: end.calls,
        stop: end.stop,
        ...present({ refusal, returned: end.calls.length > 0 ? blocks.returned() : undefined }),
        usage,
        model,
      };
    },
  };
};

export type ReplyReader = ReturnType<typeof makeReplyReader>;
