import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';

/**
 * A conversation as the Chat Completions API takes it. Neighbouring messages of one role are merged, because the chat templates of many
 * compatible servers insist that roles alternate; content is plain text for the same reason.
 */
export const toChatMessages = (instructions: string, steps: readonly ConversationStep[]): ChatCompletionMessageParam[] => {
  const conversation = modelConversation(steps);
  const spoken = makeSpoken(conversation);
  const messages: ChatCompletionMessageParam[] = [];
  if (!isBlank(instructions)) messages.push({ role: 'system', content: instructions });
  if (conversation[0]?.role !== 'person') messages.push({ role: 'user', content: '(What was said before is not shown.)' });
  for (const step of conversation) {
    const last = messages.at(-1);
    if (step.role === 'person') {
      const text = spoken(step);
      if (last?.role === 'user') last.content = `${last.content}\n\n${text}`;
      else messages.push({ role: 'user', content: text });
    } else if (step.role === 'tool') {
      messages.push({ role: 'tool', tool_call_id: step.callId, content: toolContent(step) });
    } else if (last?.role === 'assistant' && !last.tool_calls) {
      messages[messages.length - 1] = agentMessage({ ...step, text: [last.content, step.text].filter(Boolean).join('\n\n') });
    } else messages.push(agentMessage(step));
  }
  return messages;
};

const agentMessage = ({ text, toolCalls }: Extract<ConversationStep, { role: 'agent' }>): ChatCompletionMessageParam => ({
  role: 'assistant',
  content: isBlank(text) ? null : text,
  ...(toolCalls.length === 0
    ? {}
    : {
        tool_calls: toolCalls.map(({ id, tool, input }) => ({
          id,
          type: 'function' as const,
          function: { name: tool, arguments: JSON.stringify(inputObject(input)) },
        })),
      }),
});

/** The API has no mark for a tool's failure: the words must carry it. */
const toolContent = ({ output, isError }: { readonly output: string; readonly isError: boolean }): string =>
  `${isError ? 'Error: ' : ''}${isBlank(output) ? '(no output)' : output}`;
