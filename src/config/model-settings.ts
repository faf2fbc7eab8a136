import { type Config, type ConfigProblem, MODEL_PROVIDERS, type ModelProvider } from './config.ts';
import type { Environment } from './environment.ts';
import { nearestName } from './nearest-name.ts';
import { error, suggestion, warning } from './problems.ts';

const DEFAULT_ANTHROPIC_MODEL = 'claude-sonnet-5-5';
const DEFAULT_OPENAI_MODEL = 'gpt-5.5';

/** Which models there are, and in which order they are tried: those that are configured, or what KEPT_MODELS says. */
export const readModels = (env: Environment): { readonly models: Config['models']; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const isSet: Readonly<Record<ModelProvider, boolean>> = {
    anthropic: env.ANTHROPIC_API_KEY !== undefined,
    openai: env.OPENAI_API_KEY !== undefined || env.OPENAI_BASE_URL !== undefined,
    rehearsal: true,
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

  const order: ModelProvider[] = [];
  for (const written of env.KEPT_MODELS ?? []) {
    const provider = MODEL_PROVIDERS.find((name) => name === written.toLowerCase());
    if (!provider)
      problems.push(
        error(
          'KEPT_MODELS',
          `no model is called "${written}"`,
          suggestion(nearestName(written, MODEL_PROVIDERS), `there are: ${MODEL_PROVIDERS.join(', ')}`),
        ),
      );
    else if (order.includes(provider))
      problems.push(error('KEPT_MODELS', `names ${provider} twice`, 'name each once, first the one to try first'));
    else if (!isSet[provider])
      problems.push(
        error(
          'KEPT_MODELS',
          `names ${provider}, which is not configured`,
          provider === 'anthropic' ? 'set ANTHROPIC_API_KEY' : 'set OPENAI_API_KEY or OPENAI_BASE_URL',
        ),
      );
    else order.push(provider);
  }
  if (env.KEPT_MODELS === undefined) {
    order.push(...(['anthropic', 'openai'] as const).filter((provider) => isSet[provider]));
    if (order.length === 0) order.push('rehearsal');
  }
  return {
    problems,
    models: {
      ...(env.ANTHROPIC_API_KEY === undefined
        ? {}
        : {
            anthropic: {
              apiKey: env.ANTHROPIC_API_KEY,
              ...baseUrl(env.ANTHROPIC_BASE_URL),
              model: env.ANTHROPIC_MODEL ?? DEFAULT_ANTHROPIC_MODEL,
            },
          }),
      ...(isSet.openai
        ? {
            openai: {
              ...(env.OPENAI_API_KEY === undefined ? {} : { apiKey: env.OPENAI_API_KEY }),
              ...baseUrl(env.OPENAI_BASE_URL),
              model: env.OPENAI_MODEL ?? DEFAULT_OPENAI_MODEL,
            },
          }
        : {}),
      rehearsal: { paceMs: env.KEPT_REHEARSAL_PACE_MS ?? 0 },
      order,
    },
  };
};

const baseUrl = (url: string | undefined): { readonly baseUrl?: string } => (url === undefined ? {} : { baseUrl: url });
