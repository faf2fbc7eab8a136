import { makePinoLogger } from '../adapters/pino/index.ts';
import type { Config } from '../config/index.ts';
import { makeAppContext } from './container.ts';
import { lookAtDatabase } from './look-at-database.ts';
import { bindAgents } from './modules/agents.ts';
import { requirePlace, requirePort, requireTlsFiles } from './preflight.ts';
import { TOKENS } from './tokens.ts';

/**
 * Checks what would make a start fail beside the processes that run: all of the above but their own lock and port; a
 * port that they do not use must be free, the database must answer and be none of a newer version, and the models must
 * be known. Changes nothing.
 */
export const requireRestartable = async (config: Config, usedPort: number | undefined): Promise<void> => {
  requirePlace(config);
  requireTlsFiles(config);
  if (config.http.port !== usedPort) await requirePort(config, false);
  await lookAtDatabase(config);
  const log = makePinoLogger({ level: 'error', terminal: 'none', redact: (text) => text });
  const { container, get, lifecycle } = makeAppContext(config, log.logger, { asItIs: true });
  bindAgents(container);
  try {
    await get(TOKENS.model);
  } finally {
    await lifecycle.stop();
    await log.close();
  }
};
