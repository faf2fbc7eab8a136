import type { Values } from '../section.ts';
import { oneOf, secret } from '../variable-kinds.ts';

/**
 * Variables that are read and checked, and that nothing uses yet: the tools for Perplexity and Notion, and what depends
 * on the kind of installation, come with the next stage. The reference says so, too.
 */
export const notUsedYetVariables = {
  PERPLEXITY_API_KEY: secret(),
  NOTION_API_KEY: secret(),
  ENVIRONMENT: oneOf({ development: 'development', test: 'test', staging: 'staging', production: 'production' } as const),
};

export interface NotUsedYet {
  readonly environment: 'development' | 'test' | 'staging' | 'production';
  readonly perplexity?: { readonly apiKey: string };
  readonly notion?: { readonly apiKey: string };
}

export const readNotUsedYet = (env: Values<typeof notUsedYetVariables>): NotUsedYet => ({
  environment: env.ENVIRONMENT ?? 'development',
  ...(env.PERPLEXITY_API_KEY === undefined ? {} : { perplexity: { apiKey: env.PERPLEXITY_API_KEY } }),
  ...(env.NOTION_API_KEY === undefined ? {} : { notion: { apiKey: env.NOTION_API_KEY } }),
});
