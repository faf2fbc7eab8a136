import type { Container } from 'inversify';
import { createAnthropicClient, makeAnthropicModel } from '../../adapters/anthropic/index.ts';
import { createOpenAiClient, type LimitName, makeOpenAiModel } from '../../adapters/openai/index.ts';
import { makeRehearsalModel } from '../../adapters/rehearsal/index.ts';
import { type ModelHelp, makeResilientModel, makeToolLosses, withReplyLimits } from '../../application/index.ts';
import type { Config, ModelProvider } from '../../config/index.ts';
import type { Clock, Events, LanguageModel } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { helpWith, modelPlaces } from '../model-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Models, in the order in which they are tried. */
export const bindModels = (container: Container): void =>
  bind(
    container,
    T.model,
    { config: T.config, storage: T.storage, clock: T.clock, randomness: T.randomness, events: T.events },
    ({ config, storage, clock, randomness, events }) => {
      const onWithoutTools = makeToolLosses({ store: storage.state('models-without-tools'), clock, events });
      const deps: ModelDeps = { clock, events, onWithoutTools };
      return makeResilientModel(
        config.models.order.map((provider) => makers[provider](config, deps)),
        { clock, randomness, events, cooldownStore: storage.state('models'), helpFor: (model) => helpFor(model, config) },
      );
    },
  );

/** The operator may read which address was asked, and which variable sets it. */
const helpFor = (model: LanguageModel, { models }: Config): ModelHelp => {
  const place = modelPlaces(models).find(({ name }) => name === model.name);
  return place ? helpWith(place) : {};
};

/** A first guess: most compatible servers know the older name of the limit, or ignore the newer one. */
const limitNames = (baseUrl: string | undefined): readonly LimitName[] =>
  baseUrl === undefined || /(^|\.)openai\.(azure\.)?com$/.test(new URL(baseUrl).hostname)
    ? ['max_completion_tokens', 'max_tokens']
    : ['max_tokens', 'max_completion_tokens'];

interface ModelDeps {
  readonly clock: Clock;
  readonly events: Events;
  readonly onWithoutTools: (model: string) => void;
}

const makers: Record<ModelProvider, (config: Config, deps: ModelDeps) => LanguageModel> = {
  anthropic: ({ models: { anthropic } }, { events }) => {
    if (!anthropic) throw notConfigured('anthropic');
    return makeAnthropicModel({ ...anthropic, client: createAnthropicClient(anthropic), events });
  },
  openai: ({ models: { openai } }, { events, onWithoutTools }) => {
    if (!openai) throw notConfigured('openai');
    const client = createOpenAiClient(openai);
    const model = makeOpenAiModel({ client, model: openai.model, limitNames: limitNames(openai.baseUrl), events, onWithoutTools });
    return withReplyLimits(model, openai);
  },
  rehearsal: ({ models: { rehearsal } }, { clock }) => makeRehearsalModel({ ...rehearsal, clock }),
};

const notConfigured = (provider: ModelProvider): Error => new Error(`the model order names ${provider}, which is not configured`);
