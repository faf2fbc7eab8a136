import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';

/**
 * A conversation as the Chat Completions API takes it. Neighbouring messages of one role are merged, because the chat
 * templates of many compatible servers insist that roles alternate; content is plain text for the same reason. For a
 * model without tools nothing of them is left, and it is told so.
 */
export const toChatMessages = (
  instructions: string,
  steps: readonly ConversationStep[],
  tools: 'with tools' | 'without tools' = 'with tools',
): ChatCompletionMessageParam[] => {
  const conversation = modelConversation(tools === 'with tools' ? steps : withoutCalls(steps));
  const spoken = makeSpoken(conversation);
  const messages: ChatCompletionMessageParam[] = [];
  const system = tools === 'with tools' ? instructions : `${instructions}\n\n${NO_TOOLS}`;
  if (!isBlank(system)) messages.push({ role: 'system', content: system });
  if (conversation[0]?.role !== 'person') messages.push({ role: 'user', content: '(What was said before is not shown.)' });
  for (const step of conversation) {
    const last = messages.at(-1);
    if (step.role === 'person') {
      const text = spoken(step);
      // Mistral, and the templates of its models, take no person right behind a tool.
      if (last?.role === 'tool') messages.push({ role: 'assistant', content: '(No answer was given.)' });
      if (last?.role === 'user') last.content = `${last.content}\n\n${text}`;
      else messages.push({ role: 'user', content: text });
    } else if (step.role === 'tool') {
      messages.push({ role: 'tool', tool_call_id: step.callId, content: toolContent(step) });
    } else if (last?.role === 'assistant' && !last.tool_calls) {
      messages[messages.length - 1] = agentMessage({ ...step, text: [last.content, step.text].filter(Boolean).join('\n\n') });
    } else messages.push(agentMessage(step));
  }
  // Some servers take an open reply of the model's own at the end for a beginning, or refuse it.
  if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', content: '(Go on.)' });
  return messages;
};

const NO_TOOLS =
  'No tool can be called here, whatever is said above: you can make no promise or schedule, and read no file. Where that is asked for, say so.';

const withoutCalls = (steps: readonly ConversationStep[]): ConversationStep[] =>
  steps.flatMap((step): ConversationStep[] => {
    if (step.role === 'tool') return [];
    return step.role === 'agent' ? [{ ...step, toolCalls: [] }] : [step];
  });

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
