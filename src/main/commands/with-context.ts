import { accessSync, constants } from 'node:fs';
import type { PinoLog, PinoLoggerOptions } from '../../adapters/pino/index.ts';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import type { Config } from '../../config/index.ts';
import { isPortError } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { hasData, logPath } from '../data-dir.ts';
import { CommandError, EXIT, printError, problemLines } from '../failures.ts';
import { openDataDir } from '../open-data-dir.ts';
import { loadConfigOrThrow, loadConfigToLook } from './outcome.ts';

/** Opens the stored state beside the running processes, runs `action`, and closes it. */
export const withContext = <T>(action: (root: AppContext) => Promise<T>): Promise<T> => inData(loadConfigOrThrow(), action, { logs: true });

/** The same for commands that only end something: the rest of the configuration may have errors. */
export const withContextToStop = <T>(action: (root: AppContext) => Promise<T>): Promise<T> =>
  inData(loadConfigToLook(...WHERE_DATA_IS).config, action, { logs: true });

/**
 * The same for commands that only read: nothing is written, not even to the log. A database that can't be written is
 * read from a copy, unless the command `follows` what changes.
 */
export const withContextToRead = <T>(action: (root: AppContext) => Promise<T>, { follows = false } = {}): Promise<T> =>
  inData(loadConfigToLook(...WHERE_DATA_IS).config, action, { logs: false, readsOnly: !follows });

/** The same for commands that work on a new installation, too: they create the data if there is none. */
export const withContextOrNew = <T>(action: (root: AppContext) => Promise<T>): Promise<T> => {
  const config = loadConfigOrThrow();
  const isNew = !hasData(config);
  if (isNew) openDataDir(config.dataDir);
  return inData(config, action, { logs: true, isNew });
};

/** The variables that locate the stored state. */
export const WHERE_DATA_IS = ['KEPT_DATA_DIR', 'DATABASE_URL'] as const;

const inData = async <T>(
  config: Config,
  action: (root: AppContext) => Promise<T>,
  { logs, isNew = false, readsOnly = false }: { readonly logs: boolean; readonly isNew?: boolean; readonly readsOnly?: boolean },
): Promise<T> => {
  warnOfClocks(config);
  // Loaded on demand: `kept --help` and usage errors should not wait for an ORM.
  const [{ makeAppContext: makeRoot }, { makePinoLogger }] = await Promise.all([
    import('../container.ts'),
    import('../../adapters/pino/index.ts'),
  ]);
  if (!isNew) requireData(config);
  const unlogged: PinoLoggerOptions = { level: config.logLevel, terminal: 'none', redact: makeRedactor(config.secrets) };
  const log = logs ? loggedIf(makePinoLogger, unlogged, config) : makePinoLogger(unlogged);
  const root = makeRoot(config, log.logger, { asItIs: !isNew, readsOnly });
  try {
    return await action(root);
  } finally {
    await root.lifecycle.stop();
    await log.close();
  }
};

/** The command works without a log, too. */
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
 * Stored times depend on the time zone: a person who reads or writes them should know that it is not the one asked for.
 */
const warnOfClocks = ({ warnings }: Config): void => {
  const ofClocks = warnings.filter(({ place }) => place === 'TZ');
  if (ofClocks.length > 0) printError(problemLines(ofClocks));
};

/**
 * Reading must not create an empty database: with a mistyped path, everything would look fine. A database that was lost
 * is reported by the storage.
 */
export const requireData = (config: Config, unreadable: number = EXIT.bad): void => {
  const { dataDir } = config;
  const refusal = config.database === undefined ? refusalOf(dataDir) : undefined;
  if (refusal !== undefined)
    throw new CommandError(`the data in ${dataDir} can't be read by this user: ${refusal}`, 'data/unreadable', unreadable);
  if (!hasData(config))
    throw new CommandError(`there is no data in ${dataDir} yet: start Kept first, or check KEPT_DATA_DIR`, 'data/missing');
};

/** Why the directory can't be looked into; undefined where it can, or is not there. */
const refusalOf = (dataDir: string): string | undefined => {
  try {
    accessSync(dataDir, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : (code ?? String(error));
  }
};
