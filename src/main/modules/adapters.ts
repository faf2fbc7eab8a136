import { resolve } from 'node:path';
import type { Container } from 'inversify';
import { createAnthropicClient, makeAnthropicModel } from '../../adapters/anthropic/index.ts';
import { cronCalendar } from '../../adapters/cron/index.ts';
import { makeWorkspaceFiles } from '../../adapters/files/index.ts';
import { createOpenAiClient, type LimitName, makeOpenAiModel } from '../../adapters/openai/index.ts';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { makeRehearsalModel } from '../../adapters/rehearsal/index.ts';
import { systemClock, systemRandomness } from '../../adapters/system/index.ts';
import { makeFileTools, makePromiseTools, makeScheduleTools } from '../../adapters/tools/index.ts';
import {
  homingStorage,
  type ModelHelp,
  makeMovedChats,
  makeResilientModel,
  makeToolActions,
  makeToolLosses,
  withReplyLimits,
} from '../../application/index.ts';
import type { Config, ModelProvider } from '../../config/index.ts';
import type { Clock, LanguageModel, Logger } from '../../ports/index.ts';
import { helpWith, modelPlaces } from '../model-help.ts';
import { single, TOKENS } from '../tokens.ts';
import { openEngine } from './engines.ts';

const T = TOKENS;

/** Time, chance, secrets and the stored state: what every role stands on. */
export const bindFoundation = (container: Container, { asItIs }: { readonly asItIs: boolean }): void => {
  single(container, T.clock, [], () => systemClock);
  single(container, T.randomness, [], () => systemRandomness);
  single(container, T.calendar, [], () => cronCalendar);
  single(container, T.redact, [T.config], ({ secrets }) => makeRedactor(secrets));
  single(container, T.engine, [T.config, T.lifecycle, T.clock, T.logger], (config, lifecycle, clock, logger) =>
    openEngine({ config, lifecycle, clock, logger: logger.child('storage'), asItIs }),
  );
  single(container, T.storage, [T.engine], ({ storage }) => homingStorage(storage));
  single(container, T.moved, [T.storage], ({ stores }) => makeMovedChats(stores.chatMoves));
  single(container, T.policy, [T.config, T.moved], ({ policy }, moved) => moved.over(policy));
  single(container, T.changes, [T.engine], (engine) => engine.changes());
};

/** Models, in the order in which they are tried. */
export const bindModel = (container: Container): void =>
  single(
    container,
    T.model,
    [T.config, T.storage, T.clock, T.randomness, T.logger, T.events],
    (config, storage, clock, randomness, root, events) => {
      const logger = root.child('models');
      const onWithoutTools = makeToolLosses({ store: storage.state('models-without-tools'), clock, events });
      return makeResilientModel(
        config.models.order.map((provider) => makers[provider](config, { clock, logger, onWithoutTools })),
        { clock, randomness, events, restStore: storage.state('models'), helpFor: (model) => helpFor(model, config) },
      );
    },
  );

/** Who runs this may read which address was asked, and which variable says so. */
const helpFor = (model: LanguageModel, { models }: Config): ModelHelp => {
  const place = modelPlaces(models).find(({ name }) => name === model.name);
  return place ? helpWith(place) : {};
};

/** A first guess: most compatible servers know the limit by its older name, or ignore the newer one. */
const limitNames = (baseUrl: string | undefined): readonly LimitName[] =>
  baseUrl === undefined || /(^|\.)openai\.(azure\.)?com$/.test(new URL(baseUrl).hostname)
    ? ['max_completion_tokens', 'max_tokens']
    : ['max_tokens', 'max_completion_tokens'];

interface ModelDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onWithoutTools: (model: string) => void;
}

const makers: Record<ModelProvider, (config: Config, deps: ModelDeps) => LanguageModel> = {
  anthropic: ({ models: { anthropic } }, { logger }) => {
    if (!anthropic) throw notConfigured('anthropic');
    return makeAnthropicModel({ ...anthropic, client: createAnthropicClient(anthropic), logger });
  },
  openai: ({ models: { openai } }, { logger, onWithoutTools }) => {
    if (!openai) throw notConfigured('openai');
    const client = createOpenAiClient(openai);
    const model = makeOpenAiModel({ client, model: openai.model, limitNames: limitNames(openai.baseUrl), logger, onWithoutTools });
    return withReplyLimits(model, openai);
  },
  rehearsal: ({ models: { rehearsal } }, { clock }) => makeRehearsalModel({ ...rehearsal, clock }),
};

const notConfigured = (provider: ModelProvider): Error => new Error(`the model order names ${provider}, which is not configured`);

/** What agents may call. */
export const bindTools = (container: Container): void =>
  single(
    container,
    T.tools,
    [T.storage, T.config, T.policy, T.clock, T.redact, T.calendar],
    ({ stores }, config, policy, clock, redact, calendar) => {
      const { timeZone } = config;
      const actions = makeToolActions({ stores, clock, redact, retry: config.promises.retry, policy, calendar, timeZone });
      return [
        ...makePromiseTools(actions),
        ...makeScheduleTools(actions),
        ...makeFileTools(makeWorkspaceFiles({ hidden: ownFiles(config), secrets: config.secrets })),
      ];
    },
  );

/** Kept's own: its data, which holds every chat, its settings and its key. */
const ownFiles = ({ dataDir, http }: Config): string[] => [dataDir, resolve('.env'), ...(http.tls ? [http.tls.keyFile] : [])];
