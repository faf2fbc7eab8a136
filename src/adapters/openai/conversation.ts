import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { inputObject, isBlank, makeSpoken, modelConversation } from '../../domain/conversation/model-conversation.ts';
import { shownMedia, TEXTS_IN_WORDS, type Unshown } from '../../ports/adapter-kit/shown-media.ts';
import { toChatContent, together } from './media-parts.ts';
import { NOTHING, type ReturnedThoughts } from './thoughts.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;

/**
 * A conversation as the Chat Completions API takes it. Neighbouring messages of one role are merged, because the chat
 * templates of many compatible servers insist that roles alternate; content is plain text for the same reason, unless
 * it has media. For a model without tools nothing of them is left, and it is told so. `returned` tells what of its
 * thoughts goes back.
 */
export const toChatMessages = (
  instructions: string,
  steps: readonly ConversationStep[],
  tools: 'with tools' | 'without tools' = 'with tools',
  returned: (step: AgentStep) => ReturnedThoughts = () => NOTHING,
  unshown: Unshown = TEXTS_IN_WORDS,
): ChatCompletionMessageParam[] => {
  const conversation = modelConversation(tools === 'with tools' ? steps : withoutCalls(steps));
  const spoken = makeSpoken(conversation);
  const messages: ChatCompletionMessageParam[] = [];
  const system = tools === 'with tools' ? instructions : `${instructions}\n\n${SAY_SO}`;
  if (!isBlank(system)) messages.push({ role: 'system', content: system });
  if (conversation[0]?.role !== 'person') messages.push({ role: 'user', content: '(What was said before is not shown.)' });
  for (const step of conversation) {
    const last = messages.at(-1);
    if (step.role === 'person') {
      const content = toChatContent(shownMedia(step.media, unshown), spoken(step));
      // Mistral, and the templates of its models, take no person right behind a tool.
      if (last?.role === 'tool') messages.push({ role: 'assistant', content: '(No answer was given.)' });
      if (last?.role === 'user') last.content = together(last.content, content);
      else messages.push({ role: 'user', content });
    } else if (step.role === 'tool') {
      messages.push({ role: 'tool', tool_call_id: step.callId, content: toolContent(step) });
    } else if (last?.role === 'assistant' && !last.tool_calls) {
      const text = [last.content, step.text].filter(Boolean).join('\n\n');
      messages[messages.length - 1] = agentMessage({ ...step, text }, returned(step));
    } else messages.push(agentMessage(step, returned(step)));
  }
  // Some servers take an open reply of the model's own at the end for a beginning, or refuse it.
  if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', content: '(Go on.)' });
  return messages;
};

export const SAY_SO =
  'No tool can be called here, whatever is said above: you can make no promise or schedule, and read no file. Where that is asked for, say so.';

export const withoutCalls = (steps: readonly ConversationStep[]): ConversationStep[] =>
  steps.flatMap((step): ConversationStep[] => {
    if (step.role === 'tool') return [];
    return step.role === 'agent' ? [{ ...step, toolCalls: [] }] : [step];
  });

const agentMessage = ({ text, toolCalls }: AgentStep, returned: ReturnedThoughts): ChatCompletionMessageParam => ({
  role: 'assistant',
  content: isBlank(text) ? null : text,
  ...returned.message,
  ...(toolCalls.length === 0
    ? {}
    : {
        tool_calls: toolCalls.map(({ id, tool, input }, n) => ({
          id,
          type: 'function' as const,
          function: { name: tool, arguments: JSON.stringify(inputObject(input)) },
          ...returned.calls[n],
        })),
      }),
});

/** The API has no mark for a tool's failure: the words must carry it. */
export const toolContent = ({ output, isError }: { readonly output: string; readonly isError: boolean }): string =>
  `${isError ? 'Error: ' : ''}${isBlank(output) ? '(no output)' : output}`;
