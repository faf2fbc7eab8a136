import { dirname, resolve } from 'node:path';
import { type Database, databaseAt } from '../postgres-parameters.ts';
import { type ConfigProblem, error } from '../problems.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { readTimeZone } from '../time-zone.ts';
import { oneOf, postgresUrl, text, timeZone } from '../variable-kinds.ts';
import { type LogSettings, logVariables, readLog } from './log.ts';

export const processVariables = {
  ...logVariables,
  ENVIRONMENT: oneOf({ development: 'development', test: 'test', staging: 'staging', production: 'production' } as const),
  KEPT_DATA_DIR: text('directory'),
  DATABASE_URL: postgresUrl(),
  KEPT_CONFIG: text('file'),
  KEPT_TIME_ZONE: timeZone(),
};

export interface ProcessSettings extends LogSettings {
  /** The kind of this installation. `production` is checked for what others could misuse. */
  readonly environment: 'development' | 'test' | 'staging' | 'production';
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
  const { settings: log, problems: logProblems } = readLog(env);
  const dataDir = dataDirIn(sources.cwd, env.KEPT_DATA_DIR);
  return {
    settings: {
      ...log,
      environment: env.ENVIRONMENT ?? 'development',
      dataDir,
      ...(env.DATABASE_URL === undefined ? {} : { database: databaseAt(env.DATABASE_URL) }),
      workspaceConfigPath: resolve(sources.cwd, env.KEPT_CONFIG ?? DEFAULT_WORKSPACE_CONFIG),
      timeZone,
    },
    problems: [...problems, ...logProblems, ...dataDirProblems(dataDir, sources)],
  };
};

/** Where the data is kept, by KEPT_DATA_DIR. */
export const dataDirIn = (cwd: string, given = 'data'): string => resolve(cwd, given);

/** Everything is kept below it: it must be a directory, or one that can be made. */
const dataDirProblems = (dataDir: string, { kindOf }: ConfigSources): ConfigProblem[] => {
  let nearest = dataDir;
  while (kindOf(nearest) === 'missing' && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (['directory', 'missing'].includes(kindOf(nearest))) return [];
  const problem = nearest === dataDir ? `${dataDir} is not a directory` : `${dataDir} can't be made: ${nearest} is not a directory`;
  return [error('KEPT_DATA_DIR', problem, 'name a directory, or one that can be made')];
};
