import { existsSync } from 'node:fs';
import type { Config } from '../../config/index.ts';
import type { Root } from '../container.ts';
import { databasePath, logPath } from '../data-dir.ts';
import { CommandError, loadConfigOrThrow, printError, problemLines } from './outcome.ts';

/** Opens the stored state beside whatever is running, does one thing with it, and closes it. */
export const withRoot = async <T>(action: (root: Root) => Promise<T>): Promise<T> => {
  const config = loadConfigOrThrow();
  warnOfClocks(config);
  // Loaded when they are needed: `kept --help` and a usage error should not wait for an ORM.
  const [{ makeRoot }, { makePinoLogger }] = await Promise.all([import('../container.ts'), import('../../adapters/pino/index.ts')]);
  requireData(config);
  const log = makePinoLogger({
    level: config.logLevel,
    terminal: 'none',
    file: logPath(config.dataDir),
    ...config.log,
    secrets: config.secrets,
  });
  const root = makeRoot(config, log.logger);
  try {
    return await action(root);
  } finally {
    await root.lifecycle.stop();
    await log.close();
  }
};

/** What is stored has times: whoever writes or reads them should know that they are on other clocks than they asked for. */
const warnOfClocks = ({ warnings }: Config): void => {
  const ofClocks = warnings.filter(({ place }) => place === 'TZ');
  if (ofClocks.length > 0) printError(problemLines(ofClocks));
};

/** Looking must not make: an empty database where the path is mistyped would look as if all were well. */
export const requireData = ({ dataDir, database }: Config): void => {
  if (!database && !existsSync(databasePath(dataDir)))
    throw new CommandError(`there is no data in ${dataDir} yet: start Kept first, or check KEPT_DATA_DIR`, 'data/missing');
};
