import type { Config } from './config.ts';

/** Whether the service of this variable, by which an agent gets tools, is configured. */
export const isConfigured =
  ({ notion, search }: Pick<Config, 'notion' | 'search'>) =>
  (variable: string): boolean =>
    (variable === 'NOTION_API_KEY' && notion !== undefined) || (variable === 'PERPLEXITY_API_KEY' && search.perplexity !== undefined);
