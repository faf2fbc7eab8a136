import { dirname, resolve } from 'node:path';
import { type Database, databaseAt } from '../postgres-parameters.ts';
import { type ConfigProblem, error } from '../problems.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { readTimeZone } from '../time-zone.ts';
import { byteSize, oneOf, postgresUrl, text, timeZone, wholeNumber } from '../variable-kinds.ts';

const LEVELS = { debug: 'debug', info: 'info', warning: 'warn', warn: 'warn', error: 'error', critical: 'error' } as const;

export const processVariables = {
  LOG_LEVEL: oneOf(LEVELS, ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']),
  LOG_MAX_SIZE: byteSize(1024 ** 3),
  LOG_MAX_FILES: wholeNumber(1, 1_000),
  KEPT_DATA_DIR: text('directory'),
  DATABASE_URL: postgresUrl(),
  KEPT_CONFIG: text('file'),
  KEPT_TIME_ZONE: timeZone(),
};

export interface ProcessSettings {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** A log file of `maxFileBytes` is put aside. There are at most `maxFiles`, the current one among them. */
  readonly log: { readonly maxFileBytes: number; readonly maxFiles: number };
  /** Absolute. */
  readonly dataDir: string;
  /** PostgreSQL, which then keeps everything but logs and locks. Absent: SQLite, in `dataDir`. */
  readonly database?: Database;
  /** Absolute. The file may be absent when it is the default one. */
  readonly workspaceConfigPath: string;
  /** The time zone, where none is named: an IANA name. */
  readonly timeZone: string;
}

export const DEFAULT_WORKSPACE_CONFIG = 'config/workspace_config.json';

/** Reads where the process keeps its data and its log, and its time zone. `tz` is the variable `TZ`. */
export const readProcess = (
  env: Values<typeof processVariables>,
  tz: string | undefined,
  sources: ConfigSources,
): { readonly settings: ProcessSettings; readonly problems: readonly ConfigProblem[] } => {
  const { timeZone, problems } = readTimeZone(env.KEPT_TIME_ZONE, tz);
  const dataDir = resolve(sources.cwd, env.KEPT_DATA_DIR ?? 'data');
  return {
    settings: {
      logLevel: env.LOG_LEVEL ?? 'info',
      log: { maxFileBytes: env.LOG_MAX_SIZE ?? 10 * 1024 ** 2, maxFiles: env.LOG_MAX_FILES ?? 5 },
      dataDir,
      ...(env.DATABASE_URL === undefined ? {} : { database: databaseAt(env.DATABASE_URL) }),
      workspaceConfigPath: resolve(sources.cwd, env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG),
      timeZone,
    },
    problems: [...problems, ...dataDirProblems(dataDir, sources)],
  };
};

/** Everything is kept below it: it must be a directory, or one that can be made. */
const dataDirProblems = (dataDir: string, { kindOf }: ConfigSources): ConfigProblem[] => {
  let nearest = dataDir;
  while (kindOf(nearest) === 'missing' && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (['directory', 'missing'].includes(kindOf(nearest))) return [];
  const problem = nearest === dataDir ? `${dataDir} is not a directory` : `${dataDir} can't be made: ${nearest} is not a directory`;
  return [error('KEPT_DATA_DIR', problem, 'name a directory, or one that can be made')];
};
