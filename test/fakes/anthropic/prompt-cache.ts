import { blocksOf, type MessagesRequest } from './shape.ts';

/** So far before a cache point the API looks for what it has. */
const LOOK_BACK = 20;

/** What of one request came from the cache, in characters of JSON, and what did not. */
export interface CacheUse {
  readonly read: number;
  readonly fresh: number;
}

/**
 * The provider's prompt cache (https://platform.claude.com/docs/en/build-with-claude/prompt-caching): a request writes
 * what stands up to each of its cache points, and reads the longest of those that earlier requests have written and
 * that ends at one of its own points, or few blocks before.
 */
export const makePromptCache = () => {
  const written = new Set<string>();
  return {
    ask(request: MessagesRequest): CacheUse {
      const { tools = [], system, messages } = request;
      const blocks: readonly object[] = [
        ...tools,
        ...(typeof system === 'object' ? system : []),
        ...messages.flatMap((message) => blocksOf(message).map((block) => ({ ...block, role: message.role }))),
      ];
      const plain = blocks.map((block) => JSON.stringify({ ...block, cache_control: undefined }));
      const upTo = (at: number): string => plain.slice(0, at + 1).join('\n');
      const points = blocks.flatMap((block, at) => ('cache_control' in block && block.cache_control !== undefined ? [at] : []));
      const near = points.flatMap((point) => Array.from({ length: LOOK_BACK }, (_, n) => point - n).filter((at) => at >= 0));
      const found = near.filter((at) => written.has(upTo(at)));
      const read = found.length > 0 ? upTo(Math.max(...found)).length : 0;
      for (const point of points) written.add(upTo(point));
      return { read, fresh: plain.join('\n').length - read };
    },
  };
};
