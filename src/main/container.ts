import 'reflect-metadata';
import { Container } from 'inversify';
import { systemClock } from '../adapters/system/index.ts';
import { makeLoggedEvents } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import type { Events, Logger } from '../ports/index.ts';
import { makeLifecycle } from './lifecycle.ts';
import type { LiveConfig } from './live-config.ts';
import { bindAlerts } from './modules/alerts.ts';
import { bindKnownBackup } from './modules/backups.ts';
import { bindCommands } from './modules/commands.ts';
import { bindEngine } from './modules/engine.ts';
import { bindSettings } from './modules/settings.ts';
import { bindSystem } from './modules/system.ts';
import { bindWebhookReceiver } from './modules/webhooks.ts';
import { type AppContext, TOKENS } from './tokens.ts';

export type { AppContext };

/**
 * A scope begins and ends while the process continues. It sees everything that is bound in `root`, and has its own
 * lifecycle.
 */
export const makeScope = (root: AppContext, events: Events): AppContext => {
  const container = new Container({ parent: root.container });
  const lifecycle = makeLifecycle(events);
  container.bind(TOKENS.lifecycle).toConstantValue(lifecycle);
  return { container, lifecycle, get: (id) => container.getAsync(id) };
};

export interface AppContextOptions {
  /** The stored state must exist; no table is created or changed. */
  readonly asItIs?: boolean;
  /** Nothing is stored: what can't be written is read from a copy, as it was at that moment. */
  readonly readsOnly?: boolean;
  /** Why the log file can't be written at the moment. */
  readonly logFault?: () => string | undefined;
  /** Of a process whose configuration may be replaced while it runs: `config` is its own. */
  readonly live?: LiveConfig;
}

/** Opens nothing yet: each part is made on first use. */
export const makeAppContext = (
  config: Config,
  logger: Logger,
  { asItIs = false, readsOnly = false, logFault = () => undefined, live }: AppContextOptions = {},
): AppContext => {
  const container = new Container();
  const events = makeLoggedEvents({ logger, clock: systemClock });
  const lifecycle = makeLifecycle(events);
  container.bind(TOKENS.config).toConstantValue(config);
  container.bind(TOKENS.live).toConstantValue(live);
  container.bind(TOKENS.logger).toConstantValue(logger);
  container.bind(TOKENS.events).toConstantValue(events);
  container.bind(TOKENS.lifecycle).toConstantValue(lifecycle);
  container.bind(TOKENS.logFault).toConstantValue(logFault);
  bindSystem(container);
  bindSettings(container);
  bindEngine(container, { asItIs, readsOnly });
  bindCommands(container);
  bindAlerts(container);
  bindKnownBackup(container);
  bindWebhookReceiver(container);
  return { container, lifecycle, get: (id) => container.getAsync(id) };
};
