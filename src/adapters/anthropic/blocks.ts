import type { ContentBlockParam, RawContentBlockDelta, RawContentBlockStartEvent } from '@anthropic-ai/sdk/resources/messages';
import { inputObject, isBlank } from '../../domain/conversation/model-conversation.ts';
import { MAX_CALLS_LENGTH, MAX_CALLS_READ } from '../../ports/language-model.ts';

/** What a block of a reply may hold, as far as it has come. */
interface Open {
  readonly start: RawContentBlockStartEvent['content_block'];
  text: string;
  json: string;
  thinking: string;
  signature: string;
}

export interface ToolUse {
  readonly id: string;
  readonly name: string;
  /**
   * A string where the model wrote what is no JSON: its tool refuses that in words that let the model correct itself.
   */
  readonly input: unknown;
}

/**
 * The blocks of a reply, put together from their parts. Reads of a type that it does not know nothing, and keeps of the
 * arguments of calls, and of calls, no more than may be read.
 */
export const makeBlocks = () => {
  const blocks: Open[] = [];
  /** By index. Some servers give the same one to every block: a new one takes it over. */
  const open = new Map<number, Open>();
  let calls = 0;
  let callsLength = 0;

  return {
    start(index: number, start: Open['start'] | undefined): void {
      open.delete(index);
      if (!start || (start.type === 'tool_use' && ++calls > MAX_CALLS_READ)) return;
      const block = { start, text: '', json: '', thinking: '', signature: '' };
      blocks.push(block);
      open.set(index, block);
    },
    add(index: number, delta: RawContentBlockDelta | undefined): void {
      const block = open.get(index);
      if (!block) return;
      if (delta?.type === 'text_delta') block.text += delta.text ?? '';
      if (delta?.type === 'thinking_delta') block.thinking += delta.thinking ?? '';
      if (delta?.type === 'signature_delta') block.signature += delta.signature ?? '';
      if (delta?.type !== 'input_json_delta') return;
      const part = (delta.partial_json ?? '').slice(0, MAX_CALLS_LENGTH - callsLength);
      block.json += part;
      callsLength += part.length;
    },
    toolUses: (): readonly ToolUse[] => blocks.flatMap((block) => toolUseOf(block) ?? []),
    /**
     * The whole reply as its maker wants it back (https://platform.claude.com/docs/en/build-with-claude/thinking):
     * thoughts, signed or encrypted, unmodified and in their places. undefined where it has none.
     */
    returned(): readonly ContentBlockParam[] | undefined {
      const all = blocks.flatMap((block) => returnedBlock(block) ?? []);
      return all.some(({ type }) => type === 'thinking' || type === 'redacted_thinking') ? all : undefined;
    },
  };
};

const toolUseOf = ({ start, json }: Open): ToolUse | undefined => {
  if (start.type !== 'tool_use') return undefined;
  const { id = '', name = '' } = start;
  if (json === '') return { id, name, input: start.input ?? {} };
  try {
    return { id, name, input: JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { id, name, input: json };
    throw error;
  }
};

/** A blank text is what the API sends, and refuses to take back. Servers that only speak like it leave out fields. */
const returnedBlock = (block: Open): ContentBlockParam | undefined => {
  const { start } = block;
  switch (start.type) {
    case 'text': {
      const text = `${start.text ?? ''}${block.text}`;
      return isBlank(text) ? undefined : { type: 'text', text };
    }
    case 'thinking': {
      const thinking = `${start.thinking ?? ''}${block.thinking}`;
      return { type: 'thinking', thinking, signature: `${start.signature ?? ''}${block.signature}` };
    }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: start.data };
    case 'tool_use': {
      const call = toolUseOf(block);
      return call && { type: 'tool_use', id: call.id, name: call.name, input: inputObject(call.input) };
    }
    default:
      return undefined;
  }
};
