import type { Container } from 'inversify';
import { makeAiSdkModel } from '../../adapters/ai-sdk/index.ts';
import { mostOutput } from '../../adapters/anthropic/model-facts.ts';
import type { LimitName } from '../../adapters/openai/index.ts';
import { makeRehearsalModel } from '../../adapters/rehearsal/index.ts';
import {
  type ModelCatalog,
  type ModelHelp,
  makeModelChains,
  makeResilientChains,
  makeToolLosses,
  withReplyLimits,
} from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { excerpt, type ModelReference, modelNameOf, modelReferenceProblem, present, readModelReference } from '../../domain/index.ts';
import { viewOf } from '../../domain/shared/view.ts';
import { type Clock, type Events, type LanguageModel, PortError, silentEvents } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { madeFrom } from '../live-config.ts';
import { helpWith, modelPlace } from '../model-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The models of every agent, and the chain of those that name none. */
export const bindModels = (container: Container): void => {
  bind(
    container,
    T.models,
    { config: T.config, storage: T.storage, clock: T.clock, randomness: T.randomness, events: T.events },
    ({ config, storage, clock, randomness, events }) => {
      const onWithoutTools = makeToolLosses({ store: storage.state('models-without-tools'), clock, events });
      const deps: ModelDeps = { clock, events, onWithoutTools };
      const help = new Map<string, ModelHelp>();
      return makeModelChains({
        order: config.models.order,
        make: (reference) => {
          // A key that has changed is used from the next request on.
          const model = viewOf(
            madeFrom(
              () => [config.models.anthropic?.apiKey, config.models.openai?.apiKey] as const,
              () => makeModel(reference, config.models, deps),
            ),
          );
          const place = modelPlace(reference, config.models);
          // The operator may read which address was asked, and which variable sets it.
          if (place) help.set(model.name, helpWith(place));
          return model;
        },
        chain: makeResilientChains({
          clock,
          randomness,
          events,
          cooldownStore: storage.state('models'),
          helpFor: ({ name }) => help.get(name) ?? {},
        }),
      });
    },
  );
  bind(container, T.model, { models: T.models }, ({ models }) => models.modelFor({}));
};

/** Each agent's own model, or the first of the installation: no other answers where it fails, and nothing rests. */
export const ownModels = ({ models }: Pick<Config, 'models'>, clock: Clock): ModelCatalog => {
  const [first = 'rehearsal'] = models.order;
  const deps: ModelDeps = { clock, events: silentEvents, onWithoutTools: () => undefined };
  const byReference = (reference: string): LanguageModel => makeModel(reference, models, deps);
  return { modelFor: ({ model = first }) => byReference(model), byReference, cheapest: () => byReference(first) };
};

const isOpenAi = (baseUrl: string | undefined): boolean =>
  baseUrl === undefined || /(^|\.)openai\.(azure\.)?com$/.test(new URL(baseUrl).hostname);

/** A first guess: most compatible servers know the older name of the limit, or ignore the newer one. */
const limitNames = (baseUrl: string | undefined): readonly LimitName[] =>
  isOpenAi(baseUrl) ? ['max_completion_tokens', 'max_tokens'] : ['max_tokens', 'max_completion_tokens'];

/** Over Chat Completions, OpenAI's reasoning models lose what they thought between calls of tools. */
const apiFor = ({ api = 'auto', baseUrl }: NonNullable<Config['models']['openai']>, model: string): 'chat' | 'responses' => {
  if (api !== 'auto') return api;
  return isOpenAi(baseUrl) && /^(o\d|gpt-[5-9](?!.*-chat)|codex)/.test(model) ? 'responses' : 'chat';
};

interface ModelDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly onWithoutTools: (model: string) => void;
}

/**
 * The model of a reference. The configuration is checked before; what can't be used all the same, as in a file that was
 * changed since, fails when it is asked, so that the next in its chain answers.
 */
const makeModel = (text: string, models: Config['models'], deps: ModelDeps): LanguageModel => {
  const reference = readModelReference(text);
  const wrong = modelReferenceProblem(text, models);
  if (reference && !wrong) return makers[reference.provider](reference, models, deps);
  return {
    name: `unusable/${excerpt(text, 100)}`,
    respond: async () => {
      throw new PortError('not-found', `the model ${excerpt(text, 100)} can't be used: ${wrong?.problem ?? 'it is not known'}`, {
        retryable: false,
        ...present({ help: wrong?.hint }),
      });
    },
  };
};

/** A model whose code is loaded when it is first asked: the makers' libraries are large, and a start has no need. */
const loadedWhenAsked = (facts: Omit<LanguageModel, 'respond'>, load: () => Promise<LanguageModel>): LanguageModel => {
  let loading: Promise<LanguageModel> | undefined;
  const loaded = (): Promise<LanguageModel> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return { ...facts, respond: async (request, options) => (await loaded()).respond(request, options) };
};

type Maker = (reference: ModelReference, models: Config['models'], deps: ModelDeps) => LanguageModel;

const makers: Readonly<Record<ModelReference['provider'], Maker>> = {
  anthropic: (reference, models, { events }) => {
    const { anthropic } = models;
    if (!anthropic) throw new Error('Anthropic is not configured.');
    const settings = { ...anthropic, ...named(reference) };
    return loadedWhenAsked({ name: modelNameOf(reference, models), maxOutputTokens: mostOutput(settings) }, async () => {
      const { createAnthropicClient, makeAnthropicModel } = await import('../../adapters/anthropic/index.ts');
      return makeAnthropicModel({ ...settings, client: createAnthropicClient(anthropic), events });
    });
  },
  openai: (reference, models, { events, onWithoutTools }) => {
    const { openai } = models;
    if (!openai) throw new Error('OpenAI is not configured.');
    const { model } = { ...openai, ...named(reference) };
    const way = { api: apiFor(openai, model), limitNames: limitNames(openai.baseUrl) };
    const asked = loadedWhenAsked({ name: modelNameOf(reference, models) }, async () => {
      const { createOpenAiClient, makeOpenAiModel } = await import('../../adapters/openai/index.ts');
      return makeOpenAiModel({ client: createOpenAiClient(openai), model, ...way, events, onWithoutTools });
    });
    return withReplyLimits(asked, openai);
  },
  rehearsal: (_, { rehearsal }, { clock }) => makeRehearsalModel({ ...rehearsal, clock }),
  'ai-sdk': (reference, models, { events }) => {
    if (reference.provider !== 'ai-sdk') throw new Error('This is no model of the AI SDK.');
    return makeAiSdkModel({ ...reference, name: modelNameOf(reference, models), events, importPackage: (name) => import(name) });
  },
};

const named = ({ model }: ModelReference): { readonly model?: string } => (model === undefined ? {} : { model });
