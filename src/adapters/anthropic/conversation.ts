import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';

/**
 * A conversation as the Messages API takes it: roles alternate, a person is first and last, tool results open the message
 * after their calls, nothing is empty. The newest two of the person's messages are cache points: what was sent once is read from the cache by the next step. Kept's own notes are
 * none: the next turn does not repeat them.
 */
export const toMessages = (steps: readonly ConversationStep[]): MessageParam[] => {
  const conversation = modelConversation(steps);
  const spoken = makeSpoken(conversation);
  const messages: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  const notes = new Set<ContentBlockParam>();
  const add = (role: 'user' | 'assistant', ...blocks: ContentBlockParam[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  };
  if (conversation[0]?.role !== 'person') add('user', { type: 'text', text: '(What was said before is not shown.)' });
  for (const step of conversation) {
    if (step.role === 'person') {
      const block = { type: 'text', text: spoken(step) } as const;
      if (step.note) notes.add(block);
      add('user', block);
    } else if (step.role === 'agent') add('assistant', ...agentBlocks(step));
    else
      add('user', {
        type: 'tool_result',
        tool_use_id: step.callId,
        content: isBlank(step.output) ? '(no output)' : step.output,
        ...(step.isError ? { is_error: true } : {}),
      });
  }
  // An open reply of the model's own at the end would be a prefill, which current models refuse.
  if (messages.at(-1)?.role === 'assistant') add('user', { type: 'text', text: '(Go on.)' });
  for (const message of messages.filter(({ role }) => role === 'user').slice(-2))
    markCached(message.content.filter((block) => !notes.has(block)));
  return messages;
};

const agentBlocks = (step: Extract<ConversationStep, { role: 'agent' }>): ContentBlockParam[] => [
  ...(isBlank(step.text) ? [] : [{ type: 'text' as const, text: step.text.trimEnd() }]),
  ...step.toolCalls.map(({ id, tool, input }) => ({ type: 'tool_use' as const, id, name: tool, input: inputObject(input) })),
];

const markCached = (blocks: ContentBlockParam[]): void => {
  const last = blocks.at(-1);
  if (last?.type === 'text' || last?.type === 'tool_result') last.cache_control = { type: 'ephemeral' };
};
