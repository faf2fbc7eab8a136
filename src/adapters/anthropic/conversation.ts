import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';
import { ALL_SHOWN, shownMedia, type Unshown } from '../../ports/adapter-kit/shown-media.ts';
import { mediaBlocks } from './media-blocks.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;

/**
 * A conversation as the Messages API takes it: roles alternate, a person is first and last, tool results open the
 * message after their calls, nothing is empty. Media stand before the words that they came with. What the model of
 * this name attached to a step goes back as it came.
 * The newest two of the person's messages are cache points: what was sent once is read from the cache by the next step.
 * A note of Kept's is none: the next turn does not repeat it.
 * Steps that are added change nothing before them but these points: thoughts hold for what stood before them alone
 * (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks).
 */
export const toMessages = (steps: readonly ConversationStep[], model = '', unshown: Unshown = ALL_SHOWN): MessageParam[] => {
  const conversation = modelConversation(steps);
  const spoken = makeSpoken(conversation);
  const ids = makeCallIds();
  const notes = new Set<ContentBlockParam>();
  const messages: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  const add = (role: 'user' | 'assistant', ...blocks: readonly ContentBlockParam[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) messages.push({ role, content: [...blocks] });
  };
  if (conversation[0]?.role !== 'person') add('user', { type: 'text', text: '(What was said before is not shown.)' });
  for (const step of conversation) {
    if (step.role === 'person') {
      const block: ContentBlockParam = { type: 'text', text: spoken(step) };
      if (step.note) notes.add(block);
      add('user', ...shownMedia(step.media, unshown).flatMap(mediaBlocks), block);
    } else if (step.role === 'agent') {
      // As below: a model that was asked to go on, and called tools, is shown that again.
      if (step.toolCalls.length > 0 && messages.at(-1)?.role === 'assistant') add('user', GO_ON);
      const { blocks, unrun } = ids.claim(step, returnedBlocks(step, model));
      add('assistant', ...blocks);
      add('user', ...unrun);
    } else
      add('user', {
        type: 'tool_result',
        tool_use_id: ids.of(step.callId),
        content: isBlank(step.output) ? '(no output)' : step.output,
        ...(step.isError ? { is_error: true } : {}),
      });
  }
  // An open reply of the model's own at the end would be a prefill, which current models refuse.
  if (messages.at(-1)?.role === 'assistant') add('user', GO_ON);
  for (const message of messages.filter(({ role }) => role === 'user').slice(-2)) markCached(message.content, notes);
  return messages;
};

const GO_ON: ContentBlockParam = { type: 'text', text: '(Go on.)' };

/** What this model attached to the step, where each call that is kept of it has its block there. */
const returnedBlocks = ({ attached, toolCalls }: AgentStep, model: string): readonly ContentBlockParam[] | undefined => {
  if (attached?.by !== model || toolCalls.length === 0) return undefined;
  const blocks = attached.content as readonly ContentBlockParam[];
  return blocks.filter(({ type }) => type === 'tool_use').length < toolCalls.length ? undefined : blocks;
};

/** Under which id each call is sent: its model's own in what goes back as it came, where no other call has it. */
const makeCallIds = () => {
  const used = new Set<string>();
  let current = new Map<string, string>();
  const claim = (...wanted: readonly string[]): string => {
    let id = wanted.find((one) => /^[A-Za-z0-9_-]+$/.test(one) && !used.has(one));
    for (let n = used.size + 1; id === undefined; n++) if (!used.has(`call_${n}`)) id = `call_${n}`;
    used.add(id);
    return id;
  };
  return {
    of: (callId: string): string => current.get(callId) ?? callId,
    /** The step's blocks, and a result for each call in them that the step knows nothing of: it was not run. */
    claim(step: AgentStep, returned: readonly ContentBlockParam[] | undefined) {
      current = new Map();
      const unrun: ToolResultBlockParam[] = [];
      let at = 0;
      const blocks = (returned ?? agentBlocks(step)).map((block): ContentBlockParam => {
        if (block.type !== 'tool_use') return block;
        const call = step.toolCalls[at++];
        const id = claim(block.id, ...(call ? [call.id] : []));
        if (call) current.set(call.id, id);
        else unrun.push({ type: 'tool_result', tool_use_id: id, content: 'Not run.', is_error: true });
        const name = isName(block.name) ? block.name : (call?.tool ?? 'unnamed');
        return id === block.id && name === block.name ? block : { ...block, id, name };
      });
      return { blocks, unrun };
    },
  };
};

const isName = (name: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(name);

const agentBlocks = (step: AgentStep): readonly ContentBlockParam[] => [
  ...(isBlank(step.text) ? [] : [{ type: 'text' as const, text: step.text.trimEnd() }]),
  ...step.toolCalls.map(({ id, tool, input }) => ({ type: 'tool_use' as const, id, name: tool, input: inputObject(input) })),
];

const markCached = (blocks: ContentBlockParam[], notes: ReadonlySet<ContentBlockParam>): void => {
  const at = blocks.findLastIndex((block) => !notes.has(block));
  const last = blocks[at];
  if (last?.type === 'text' || last?.type === 'tool_result') blocks[at] = { ...last, cache_control: { type: 'ephemeral' } };
};
