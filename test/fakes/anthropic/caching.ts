import type { BrokenRule } from '../broken-rule.ts';
import { blocksOf, type MessagesRequest } from './shape.ts';

const MAX_MARKS = 4;

/** The rules of cache points (https://platform.claude.com/docs/en/build-with-claude/prompt-caching). */
export const cacheRules = ({ system, tools = [], messages }: MessagesRequest): readonly BrokenRule[] => {
  const blocks = [...tools, ...(typeof system === 'object' ? system : []), ...messages.flatMap(blocksOf)];
  const marked = blocks.filter((block) => 'cache_control' in block && block.cache_control !== undefined);
  const blank = marked.filter((block) => 'text' in block && block.text.trim() === '');
  return [
    ...(marked.length > MAX_MARKS
      ? [{ rule: 'cache-marks', message: `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marked.length}.` }]
      : []),
    ...(blank.length > 0 ? [{ rule: 'cache-blank', message: 'cache_control cannot be set for empty text blocks' }] : []),
  ];
};
