import { present } from '../../domain/shared/present.ts';
import type { ConfigProblem } from '../problems.ts';
import type { Values } from '../section.ts';
import { httpUrl, secret } from '../variable-kinds.ts';
import { serviceProblems } from './service-addresses.ts';

export const notionVariables = {
  NOTION_API_KEY: secret(),
  NOTION_BASE_URL: httpUrl('NOTION_API_KEY'),
};

export interface NotionSettings {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

export const readNotion = (
  env: Values<typeof notionVariables>,
): { readonly notion?: NotionSettings; readonly problems: readonly ConfigProblem[] } => {
  const { NOTION_API_KEY: apiKey, NOTION_BASE_URL: baseUrl } = env;
  return {
    ...(apiKey === undefined ? {} : { notion: { apiKey, ...present({ baseUrl }) } }),
    problems: serviceProblems({
      name: 'NOTION_BASE_URL',
      address: baseUrl,
      added: '/v1',
      key: 'NOTION_API_KEY',
      isKeySet: apiKey !== undefined,
    }),
  };
};
