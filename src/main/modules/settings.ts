import type { Container } from 'inversify';
import type { Config } from '../../config/index.ts';
import { modelNameOf, readModelReference } from '../../domain/index.ts';
import { bind } from '../bind.ts';
import { allModels } from '../model-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The parts of the configuration that use cases need, each under its own name. */
export const bindSettings = (container: Container): void => {
  const fromConfig = { config: T.config };
  bind(container, T.configuredPolicy, fromConfig, ({ config }) => config.policy);
  bind(container, T.timeZone, fromConfig, ({ config }) => config.timeZone);
  bind(container, T.retry, fromConfig, ({ config }) => config.promises.retry);
  bind(container, T.retentionMs, fromConfig, ({ config }) => config.promises.retentionMs);
  bind(container, T.approvalMs, fromConfig, ({ config }) => config.promises.approvalMs);
  bind(container, T.workerSettings, fromConfig, ({ config }) => config.promises.worker);
  bind(container, T.prices, fromConfig, ({ config }) => config.prices);
  bind(container, T.perPromise, fromConfig, ({ config }) => config.promises.budget);
  bind(container, T.personMessagesPerMinute, fromConfig, ({ config }) => config.agents.personMessagesPerMinute);
  bind(container, T.turnSettings, fromConfig, ({ config }) => config.agents.turns);
  bind(container, T.modelNames, fromConfig, ({ config }) => modelNames(config));
};

const modelNames = (config: Config): readonly string[] | undefined => {
  const names = allModels(config).flatMap((text) => {
    const reference = readModelReference(text);
    return reference && reference.provider !== 'rehearsal' ? [modelNameOf(reference, config.models)] : [];
  });
  return names.length > 0 ? names : undefined;
};
