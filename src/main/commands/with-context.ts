import { existsSync } from 'node:fs';
import type { PinoLog, PinoLoggerOptions } from '../../adapters/pino/index.ts';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import type { Config } from '../../config/index.ts';
import { isPortError } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { databaseMarkPath, databasePath, logPath } from '../data-dir.ts';
import { CommandError, loadConfigOrThrow, loadConfigToLook, printError, problemLines } from './outcome.ts';

/** Opens the stored state beside whatever is running, changes one thing in it, and closes it. */
export const withContext = <T>(action: (root: AppContext) => Promise<T>): Promise<T> => inData(loadConfigOrThrow(), action, { logs: true });

/** The same for what only ends something: it works with a configuration that is broken elsewhere. */
export const withContextToStop = <T>(action: (root: AppContext) => Promise<T>): Promise<T> =>
  inData(loadConfigToLook(...WHERE_DATA_IS).config, action, { logs: true });

/** The same for what only looks: it makes nothing, not even a line in the log. */
export const withContextToRead = <T>(action: (root: AppContext) => Promise<T>): Promise<T> =>
  inData(loadConfigToLook(...WHERE_DATA_IS).config, action, { logs: false });

/** The variables that say where the stored state is. */
export const WHERE_DATA_IS = ['KEPT_DATA_DIR', 'DATABASE_URL'] as const;

const inData = async <T>(config: Config, action: (root: AppContext) => Promise<T>, { logs }: { readonly logs: boolean }): Promise<T> => {
  warnOfClocks(config);
  // Loaded when they are needed: `kept --help` and a usage error should not wait for an ORM.
  const [{ makeAppContext: makeRoot }, { makePinoLogger }] = await Promise.all([
    import('../container.ts'),
    import('../../adapters/pino/index.ts'),
  ]);
  requireData(config);
  const unlogged: PinoLoggerOptions = { level: config.logLevel, terminal: 'none', redact: makeRedactor(config.secrets) };
  const log = logs ? loggedIf(makePinoLogger, unlogged, config) : makePinoLogger(unlogged);
  const root = makeRoot(config, log.logger, { asItIs: true });
  try {
    return await action(root);
  } finally {
    await root.lifecycle.stop();
    await log.close();
  }
};

/** What was asked for is done without a log, too. */
const loggedIf = (make: (options: PinoLoggerOptions) => PinoLog, unlogged: PinoLoggerOptions, config: Config): PinoLog => {
  try {
    return make({ ...unlogged, file: logPath(config.dataDir), ...config.log });
  } catch (error) {
    if (!isPortError(error)) throw error;
    printError(`warning: ${error.message}; this command works without it.`);
    return make(unlogged);
  }
};

/**
 * What is stored has times: whoever writes or reads them should know that they are on other clocks than they asked for.
 */
const warnOfClocks = ({ warnings }: Config): void => {
  const ofClocks = warnings.filter(({ place }) => place === 'TZ');
  if (ofClocks.length > 0) printError(problemLines(ofClocks));
};

/**
 * Looking must not make: an empty database where the path is mistyped would look as if all were well. One that was lost
 * is told by the storage.
 */
export const requireData = ({ dataDir, database }: Config): void => {
  if (!database && ![databasePath(dataDir), databaseMarkPath(dataDir)].some((path) => existsSync(path)))
    throw new CommandError(`there is no data in ${dataDir} yet: start Kept first, or check KEPT_DATA_DIR`, 'data/missing');
};
