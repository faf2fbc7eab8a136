import { mkdirSync } from 'node:fs';
import { makePinoLogger } from '../../adapters/pino/index.ts';
import { makeRoot, type Root } from '../container.ts';
import { loadConfigOrThrow } from './outcome.ts';

/** Opens the stored state beside whatever is running, does one thing with it, and closes it. */
export const withRoot = async <T>(action: (root: Root) => Promise<T>): Promise<T> => {
  const config = loadConfigOrThrow();
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
