import type { BrokenRule } from '../broken-rule.ts';
import { type Block, blocksOf, type MessagesRequest } from './shape.ts';

/** The rules of who speaks, and of what may be empty (https://platform.claude.com/docs/en/api/messages, …/errors). */
export const messageRules = ({ system, messages }: MessagesRequest): readonly BrokenRule[] => [
  ...(messages[0]?.role === 'user' ? [] : [{ rule: 'first-user', message: 'messages.0: the first message must be of the role "user"' }]),
  ...messages.flatMap(({ role }, at) =>
    at > 0 && messages[at - 1]?.role === role
      ? [{ rule: 'alternation', message: `messages.${at}: roles must alternate between "user" and "assistant"` }]
      : [],
  ),
  ...(messages.at(-1)?.role === 'assistant'
    ? [{ rule: 'prefill', message: 'this model does not support prefill: the conversation must end with a user message' }]
    : []),
  ...trailingSpace(messages),
  ...messages.flatMap((message, at) => contentRules(blocksOf(message), `messages.${at}`, message.role)),
  ...(typeof system === 'string' ? textRule(system, 'system') : (system ?? []).flatMap(({ text }, at) => textRule(text, `system.${at}`))),
];

const contentRules = (blocks: readonly Block[], where: string, role: 'user' | 'assistant'): readonly BrokenRule[] => [
  ...(blocks.length > 0 ? [] : [{ rule: 'empty-content', message: `${where}: all messages must have non-empty content` }]),
  ...blocks.flatMap((block, at): readonly BrokenRule[] => {
    const place = `${where}.content.${at}`;
    if (!MAY_SAY[role].includes(block.type))
      return [{ rule: 'role-content', message: `${place}: ${block.type} can't be in a message of the role "${role}"` }];
    if (block.type === 'text') return textRule(block.text, place);
    if (block.type !== 'tool_result' || typeof block.content !== 'object') return [];
    return block.content.flatMap((part, n) => (part.type === 'text' ? textRule(part.text, `${place}.content.${n}`) : []));
  }),
];

const MAY_SAY: Readonly<Record<'user' | 'assistant', readonly Block['type'][]>> = {
  user: ['text', 'image', 'document', 'tool_result'],
  assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'],
};

const textRule = (text: string, where: string): readonly BrokenRule[] =>
  text.trim() === '' ? [{ rule: 'blank-text', message: `${where}: text content blocks must contain non-whitespace text` }] : [];

const trailingSpace = (messages: MessagesRequest['messages']): readonly BrokenRule[] => {
  const last = messages.at(-1);
  const block = last && blocksOf(last).at(-1);
  return last?.role === 'assistant' && block?.type === 'text' && block.text !== block.text.trimEnd()
    ? [{ rule: 'trailing-whitespace', message: 'messages: final assistant content cannot end with trailing whitespace' }]
    : [];
};
