import 'reflect-metadata';
import { Container } from 'inversify';
import type { Config } from '../config/index.ts';
import type { Logger } from '../ports/index.ts';
import { makeLifecycle } from './lifecycle.ts';
import { bindFoundation } from './modules/adapters.ts';
import { bindCommands } from './modules/use-cases.ts';
import { type Root, TOKENS } from './tokens.ts';

export type { Root };

/** A part of a process that begins and ends while the process goes on: it has all that is bound in `root`, and a lifecycle of its own. */
export const makePart = (root: Root, logger: Logger): Root => {
  const container = new Container({ parent: root.container });
  const lifecycle = makeLifecycle(logger);
  container.bind(TOKENS.lifecycle).toConstantValue(lifecycle);
  return { container, lifecycle, get: (id) => container.getAsync(id) };
};

/** Opens nothing yet: each part is made when it is first asked for. */
export const makeRoot = (config: Config, logger: Logger): Root => {
  const container = new Container();
  const lifecycle = makeLifecycle(logger);
  container.bind(TOKENS.config).toConstantValue(config);
  container.bind(TOKENS.logger).toConstantValue(logger);
  container.bind(TOKENS.lifecycle).toConstantValue(lifecycle);
  bindFoundation(container);
  bindCommands(container);
  return { container, lifecycle, get: (id) => container.getAsync(id) };
};
