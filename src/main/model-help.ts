import type { Config } from '../config/index.ts';
import { modelNameOf, readModelReference } from '../domain/index.ts';

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

type ModelsInUse = Pick<Config, 'models'> & { readonly agents: Pick<Config['agents'], 'all'> };

/** The models that agents name for themselves, beside those of the installation's order: one reference for each. */
export const ownModels = ({ models, agents }: ModelsInUse): readonly string[] => {
  const nameOf = (text: string): string => {
    const reference = readModelReference(text);
    return reference ? modelNameOf(reference, models) : text;
  };
  const known = new Set(models.order.map(nameOf));
  return agents.all.flatMap(({ agent: { model } }) => {
    if (model === undefined || known.has(nameOf(model))) return [];
    known.add(nameOf(model));
    return [model];
  });
};

/** Every model that may be asked, by reference: first those of the installation, in their order. */
export const allModels = (config: ModelsInUse): readonly string[] => [...config.models.order, ...ownModels(config)];

/** Those that may be asked, as far as they have an address. */
export const modelPlaces = (config: ModelsInUse): readonly ModelPlace[] =>
  allModels(config).flatMap((reference) => modelPlace(reference, config.models) ?? []);

/** Undefined for a model without an address that is known here. */
export const modelPlace = (text: string, { anthropic, openai }: Config['models']): ModelPlace | undefined => {
  const reference = readModelReference(text);
  const name = reference && modelNameOf(reference, { anthropic, openai });
  if (reference?.provider === 'anthropic' && anthropic && name)
    return {
      name,
      model: reference.model ?? anthropic.model,
      address: `${anthropic.baseUrl ?? 'https://api.anthropic.com'}/v1`,
      addressVariable: 'ANTHROPIC_BASE_URL',
      keyVariable: 'ANTHROPIC_API_KEY',
      modelVariable: reference.model === undefined ? 'ANTHROPIC_MODEL' : NAMED,
      headers: { 'x-api-key': anthropic.apiKey, 'anthropic-version': '2023-06-01' },
    };
  if (reference?.provider === 'openai' && openai && name)
    return {
      name,
      model: reference.model ?? openai.model,
      address: openai.baseUrl ?? 'https://api.openai.com/v1',
      addressVariable: 'OPENAI_BASE_URL',
      keyVariable: 'OPENAI_API_KEY',
      modelVariable: reference.model === undefined ? 'OPENAI_MODEL' : NAMED,
      headers: openai.apiKey === undefined ? {} : { authorization: `Bearer ${openai.apiKey}` },
    };
  return undefined;
};

/** Where a model is named by its reference. */
const NAMED = 'KEPT_MODELS, or the `model` of an agent';

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
