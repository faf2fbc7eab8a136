import { present } from '../../domain/shared/present.ts';
import type { ConfigProblem } from '../problems.ts';
import type { Values } from '../section.ts';
import { httpUrl, secret } from '../variable-kinds.ts';
import { serviceProblems } from './service-addresses.ts';

export const searchVariables = {
  PERPLEXITY_API_KEY: secret(),
  PERPLEXITY_BASE_URL: httpUrl('PERPLEXITY_API_KEY'),
};

export interface SearchSettings {
  /** Absent: there is no web search. */
  readonly perplexity?: { readonly apiKey: string; readonly baseUrl?: string };
}

export const readSearch = (
  env: Values<typeof searchVariables>,
): { readonly search: SearchSettings; readonly problems: readonly ConfigProblem[] } => {
  const { PERPLEXITY_API_KEY: apiKey, PERPLEXITY_BASE_URL: baseUrl } = env;
  return {
    search: apiKey === undefined ? {} : { perplexity: { apiKey, ...present({ baseUrl }) } },
    problems: serviceProblems({
      name: 'PERPLEXITY_BASE_URL',
      address: baseUrl,
      added: '/search',
      key: 'PERPLEXITY_API_KEY',
      isKeySet: apiKey !== undefined,
    }),
  };
};
