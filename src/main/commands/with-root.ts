import { mkdirSync } from 'node:fs';
import type { Root } from '../container.ts';
import { loadConfigOrThrow } from './outcome.ts';

/** Opens the stored state beside whatever is running, does one thing with it, and closes it. */
export const withRoot = async <T>(action: (root: Root) => Promise<T>): Promise<T> => {
  const config = loadConfigOrThrow();
  // Loaded when they are needed: `kept --help` and a usage error should not wait for an ORM.
  const [{ makeRoot }, { makePinoLogger }] = await Promise.all([import('../container.ts'), import('../../adapters/pino/index.ts')]);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const log = makePinoLogger({ level: 'warn', terminal: 'none', secrets: config.secrets });
  const root = makeRoot(config, log.logger);
  try {
    return await action(root);
  } finally {
    await root.lifecycle.stop();
    await log.close();
  }
};
