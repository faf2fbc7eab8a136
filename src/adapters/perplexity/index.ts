export { makePerplexitySearch, type PerplexityOptions } from './perplexity-search.ts';
