import type { Container } from 'inversify';
import { type ModelCatalog, makeBot } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { bindGateways } from './gateways.ts';

const T = TOKENS;

/** The bot: receives messages, answers them, and delivers the outbox. */
export const bindConversation = (container: Container): void => {
  bindGateways(container);
  bind(
    container,
    T.bot,
    {
      storage: T.storage,
      changes: T.changes,
      clock: T.clock,
      randomness: T.randomness,
      redact: T.redact,
      events: T.events,
      correlation: T.correlation,
      moved: T.moved,
      paired: T.paired,
      runAgent: T.runAgent,
      gateways: T.gateways,
      isOutstandingPing: T.isOutstandingPing,
      policy: T.configuredPolicy,
      retry: T.retry,
      timeZone: T.timeZone,
      agents: T.agents,
      turns: T.turnSettings,
      files: T.files,
      prices: T.prices,
      perPromise: T.perPromise,
      personMessagesPerMinute: T.personMessagesPerMinute,
      models: T.modelNames,
      catalog: T.models,
      config: T.config,
    },
    ({ catalog, config, ...parts }) =>
      makeBot({ ...parts, ...summaryModel(catalog, config), operatorChat: config.telegram?.operatorChat }).bot,
  );
};

/** The rehearsal model sums up nothing. */
const summaryModel = (catalog: ModelCatalog, { models: { summary } }: Config) => {
  const model = summary === undefined ? catalog.cheapest() : catalog.byReference(summary);
  return model.name.startsWith('rehearsal/') ? {} : { summaryModel: model };
};
