import type { Config } from '../config/index.ts';

/** The address of a provider's model, and the variables that set it: for the operator. */
export interface ModelPlace {
  readonly name: string;
  readonly model: string;
  readonly address: string;
  readonly addressVariable: string;
  readonly keyVariable: string;
  readonly modelVariable: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const modelPlaces = ({ order, anthropic, openai }: Config['models']): readonly ModelPlace[] =>
  order.flatMap((provider): ModelPlace[] => {
    if (provider === 'anthropic' && anthropic)
      return [
        {
          name: `anthropic/${anthropic.model}`,
          model: anthropic.model,
          address: `${anthropic.baseUrl ?? 'https://api.anthropic.com'}/v1`,
          addressVariable: 'ANTHROPIC_BASE_URL',
          keyVariable: 'ANTHROPIC_API_KEY',
          modelVariable: 'ANTHROPIC_MODEL',
          headers: { 'x-api-key': anthropic.apiKey, 'anthropic-version': '2023-06-01' },
        },
      ];
    if (provider === 'openai' && openai)
      return [
        {
          name: `openai/${openai.model}`,
          model: openai.model,
          address: openai.baseUrl ?? 'https://api.openai.com/v1',
          addressVariable: 'OPENAI_BASE_URL',
          keyVariable: 'OPENAI_API_KEY',
          modelVariable: 'OPENAI_MODEL',
          headers: openai.apiKey === undefined ? {} : { authorization: `Bearer ${openai.apiKey}` },
        },
      ];
    return [];
  });

/** What to check when a model fails in one of these ways. */
export const helpWith = ({ name, address, addressVariable, keyVariable, modelVariable }: ModelPlace) => ({
  unavailable: `${name} is asked at ${address}: see ${addressVariable}`,
  timeout: `${name} is asked at ${address}: see ${addressVariable}`,
  unauthorised: `${name} is asked at ${address}: see ${keyVariable}`,
  'not-found': `${name} is asked at ${address}: see ${modelVariable} and ${addressVariable}`,
  'out-of-credit': `${name} is asked at ${address}, and paid for by the account of ${keyVariable}`,
  'invalid-request': `${name} is asked at ${address}: see ${modelVariable} and ${addressVariable}`,
  'malformed-reply': `${name} is asked at ${address}: see ${addressVariable}`,
});
