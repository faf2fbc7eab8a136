import type { ReplyLimits } from '../../domain/agent/agent.ts';
import { modelReferenceProblem, NEEDS } from '../../domain/agent/model-reference.ts';
import { present } from '../../domain/shared/present.ts';
import { type ConfigProblem, error, warning } from '../problems.ts';
import type { Values } from '../section.ts';
import { effort, httpUrl, list, oneOf, outputTokens, secret, text, wholeNumber } from '../variable-kinds.ts';
import { addressProblems } from './model-addresses.ts';
import { readModelOrder } from './model-order.ts';

/** Over which API OpenAI's models are asked; `auto`: by the model and the server. */
export type OpenAiApiName = 'auto' | 'chat' | 'responses';

export const modelVariables = {
  ANTHROPIC_API_KEY: secret(),
  ANTHROPIC_BASE_URL: httpUrl('ANTHROPIC_API_KEY'),
  ANTHROPIC_MODEL: text(),
  ANTHROPIC_EFFORT: effort(),
  ANTHROPIC_MAX_OUTPUT_TOKENS: outputTokens(),
  OPENAI_API_KEY: secret(),
  OPENAI_BASE_URL: httpUrl('OPENAI_API_KEY'),
  OPENAI_MODEL: text(),
  OPENAI_API: oneOf<OpenAiApiName>({ auto: 'auto', chat: 'chat', responses: 'responses' }),
  OPENAI_EFFORT: effort(),
  OPENAI_MAX_OUTPUT_TOKENS: outputTokens(),
  KEPT_MODELS: list('model references'),
  KEPT_SUMMARY_MODEL: text('model reference'),
  KEPT_REHEARSAL_PACE_MS: wholeNumber(0, 60_000),
};

export interface ModelSettings {
  /** The limits of a model go before those of agents: its effort in their place, its length where it is less. */
  readonly anthropic?: { readonly apiKey: string; readonly baseUrl?: string; readonly model: string } & ReplyLimits;
  readonly openai?: {
    readonly apiKey?: string;
    readonly baseUrl?: string;
    readonly model: string;
    /** Absent: `auto`. */
    readonly api?: OpenAiApiName;
  } & ReplyLimits;
  readonly rehearsal: { readonly paceMs: number };
  /** References, first to last to be tried; never empty, and each one is configured. */
  readonly order: readonly string[];
  /** The reference of the model that sums up conversations. Absent: the cheapest of the order. */
  readonly summary?: string;
}

const DEFAULT_ANTHROPIC_MODEL = 'claude-sonnet-5-5';
const DEFAULT_OPENAI_MODEL = 'gpt-5.5';

/** Reads the models and the order in which they are tried: all configured ones, or those of KEPT_MODELS. */
export const readModels = (
  env: Values<typeof modelVariables>,
  hasPackage: (name: string) => boolean = () => true,
): { readonly models: ModelSettings; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [...addressProblems(env)];
  const isSet = {
    anthropic: env.ANTHROPIC_API_KEY !== undefined,
    openai: env.OPENAI_API_KEY !== undefined || env.OPENAI_BASE_URL !== undefined,
  };
  if (env.ANTHROPIC_BASE_URL !== undefined && !isSet.anthropic)
    problems.push(
      warning('ANTHROPIC_BASE_URL', 'has no effect without ANTHROPIC_API_KEY', 'set the key too; a server of your own may take any'),
    );
  if (env.OPENAI_BASE_URL !== undefined && env.OPENAI_MODEL === undefined)
    problems.push(
      warning(
        'OPENAI_MODEL',
        `is not set: ${DEFAULT_OPENAI_MODEL} will be asked for`,
        'name a model that the server at OPENAI_BASE_URL has',
      ),
    );

  for (const name of SETTINGS_OF_MODELS) {
    const provider = name.startsWith('ANTHROPIC') ? 'anthropic' : 'openai';
    if (env[name] !== undefined && !isSet[provider])
      problems.push(warning(name, `has no effect: ${provider} is not configured`, NEEDS[provider]));
  }

  const configured = {
    ...(env.ANTHROPIC_API_KEY === undefined
      ? {}
      : {
          anthropic: {
            apiKey: env.ANTHROPIC_API_KEY,
            ...present({ baseUrl: env.ANTHROPIC_BASE_URL }),
            model: env.ANTHROPIC_MODEL ?? DEFAULT_ANTHROPIC_MODEL,
            ...present({ effort: env.ANTHROPIC_EFFORT, maxOutputTokens: env.ANTHROPIC_MAX_OUTPUT_TOKENS }),
          },
        }),
    ...(isSet.openai
      ? {
          openai: {
            ...present({ apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL }),
            model: env.OPENAI_MODEL ?? DEFAULT_OPENAI_MODEL,
            ...present({ api: env.OPENAI_API, effort: env.OPENAI_EFFORT, maxOutputTokens: env.OPENAI_MAX_OUTPUT_TOKENS }),
          },
        }
      : {}),
  };
  const wrong = env.KEPT_SUMMARY_MODEL === undefined ? undefined : modelReferenceProblem(env.KEPT_SUMMARY_MODEL, configured, hasPackage);
  if (wrong) problems.push(error('KEPT_SUMMARY_MODEL', wrong.problem, wrong.hint));
  const { order, problems: ofOrder } = readModelOrder(env.KEPT_MODELS, configured, hasPackage);
  return {
    problems: [...problems, ...ofOrder],
    models: {
      ...configured,
      rehearsal: { paceMs: env.KEPT_REHEARSAL_PACE_MS ?? 0 },
      order,
      ...present({ summary: wrong ? undefined : env.KEPT_SUMMARY_MODEL }),
    },
  };
};

const SETTINGS_OF_MODELS = [
  'ANTHROPIC_EFFORT',
  'ANTHROPIC_MAX_OUTPUT_TOKENS',
  'OPENAI_API',
  'OPENAI_EFFORT',
  'OPENAI_MAX_OUTPUT_TOKENS',
] as const;
