import { isDeepStrictEqual } from 'node:util';
import type { BrokenRule } from '../broken-rule.ts';
import { type Block, blocksOf, type Message, type MessagesRequest } from './shape.ts';

/** A reply that went out, and what it was asked with. */
interface Issued {
  readonly request: MessagesRequest;
  readonly content: readonly Block[];
}

const hasThoughts = ({ messages }: MessagesRequest): boolean => messages.some((message) => blocksOf(message).some(isThought));
const isThought = ({ type }: Block): boolean => type === 'thinking' || type === 'redacted_thinking';
const keyOf = (block: Block): string =>
  block.type === 'thinking' ? block.signature : block.type === 'redacted_thinking' ? block.data : '';

/** What counts as the same: cache points may move. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'cache_control' ? undefined : inner)) ?? 'null');
const isSame = (one: unknown, other: unknown): boolean => isDeepStrictEqual(plain(one), plain(other));

/**
 * Remembers the thoughts that it has sent, and refuses a request that does not return them as they were: complete, in
 * their order, unmodified, with nothing changed before them and none of them missing in a run that has returned others
 * (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks). None of them at all is
 * allowed.
 */
export const makeThoughts = () => {
  const issued: Issued[] = [];
  const find = (blocks: readonly Block[]): Issued | undefined =>
    issued.findLast(({ content }) => content.some((block) => isThought(block) && blocks.some((one) => keyOf(one) === keyOf(block))));

  const rulesOf = (request: MessagesRequest, message: Message, at: number): readonly BrokenRule[] => {
    const blocks = blocksOf(message);
    const before = { ...request, messages: request.messages.slice(0, at) };
    if (!blocks.some(isThought)) {
      const left = issued.find(
        ({ request: asked, content }) =>
          content.some(isThought) && hasThoughts(asked) && isSame(asked.messages, before.messages) && sameCalls(content, blocks),
      );
      return left ? [{ rule: 'thoughts-left-out', message: `messages.${at}: thinking blocks between others were left out` }] : [];
    }
    const reply = find(blocks);
    if (!reply) return [{ rule: 'signature', message: `messages.${at}: Invalid \`signature\` in \`thinking\` block` }];
    const changed = (['system', 'tools', 'messages'] as const).filter((part) => !isSame(reply.request[part], before[part]));
    return [
      ...(isSame(reply.content.filter(isThought), blocks.filter(isThought))
        ? []
        : [{ rule: 'thoughts-modified', message: `messages.${at}: thinking or redacted_thinking blocks cannot be modified` }]),
      ...(isSame(outline(reply.content), outline(blocks))
        ? []
        : [{ rule: 'thoughts-moved', message: `messages.${at}: thinking blocks stand elsewhere among the others than they came` }]),
      ...changed.map((part) => ({ rule: 'prefix', message: `messages.${at}: ${part} changed before a thinking block` })),
    ];
  };

  return {
    /** A reply that is sent to whoever asked so. */
    issue: (request: MessagesRequest, content: readonly Block[]): void => void issued.push({ request, content }),
    rules: (request: MessagesRequest): readonly BrokenRule[] => {
      if (!hasThoughts(request)) return [];
      return request.messages.flatMap((message, at) => (message.role === 'assistant' ? rulesOf(request, message, at) : []));
    },
  };
};

export type Thoughts = ReturnType<typeof makeThoughts>;

/** Of what the API takes back: it sends blank texts, and refuses them. */
const outline = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => (block.type === 'text' && block.text.trim() === '' ? [] : [isThought(block) ? keyOf(block) : block.type]));
const sameCalls = (some: readonly Block[], others: readonly Block[]): boolean => isSame(callsOf(some), callsOf(others));
const callsOf = (blocks: readonly Block[]): readonly string[] => blocks.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []));
