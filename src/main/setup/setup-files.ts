import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Config, type ConfigProblem, readEnvFile, readProcessConfig, type VariableName } from '../../config/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { CommandError, ConfigError } from '../failures.ts';
import { replaceFile } from '../replace-file.ts';
import { warnOfGit } from '../warn-of-git.ts';
import { realPathOf, sweepDraftsOf } from '../whole-file.ts';
import { withVariables } from './env-text.ts';
import type { WrittenConfig } from './workspace-text.ts';

/** What a step of the set-up wants to be written. */
export interface SetupChange {
  readonly variables?: Readonly<Partial<Record<VariableName, string>>>;
  readonly workspaces?: (before: WrittenConfig) => WrittenConfig;
}

/** `.env` and `workspace_config.json` of this directory, as they stand. */
export interface SetupFiles {
  readonly config: () => Config;
  /** What stands in the environment, else in `.env`, or in the file that `NAME_FILE` names; undefined for nothing. */
  readonly current: (name: VariableName) => string | undefined;
  /** Whether the environment of this process says it: it wins over `.env`, and nothing here can change it. */
  readonly isFixed: (name: VariableName) => boolean;
  /** The configuration that would be read after the change. Throws ConfigError where it has errors that it hadn't. */
  readonly preview: (change: SetupChange) => Config;
  /**
   * Writes what differs, each file as a whole, readable for its owner alone; the first change of a file in this run
   * leaves a copy of it as it was. Returns the names of what it wrote. Throws as `preview` does, and CommandError.
   */
  readonly write: (change: SetupChange) => readonly string[];
}

interface Options {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Distinguishes the copies of this run. */
  readonly stamp: string;
}

const UNWRITABLE = 'init/unwritable';

/** Throws ConfigError where a file that is there can't be read, and CommandError where one could not be written. */
export const openSetupFiles = ({ env, cwd, stamp }: Options): SetupFiles => {
  const envPath = join(cwd, '.env');
  const read = (drafts: ReadonlyMap<string, string> = new Map()) => readProcessConfig(env, cwd, { drafts });
  const copied = new Set<string>();
  const configPath = (drafts?: ReadonlyMap<string, string>): string => read(drafts).config.workspaceConfigPath;

  const drafted = ({ variables = {}, workspaces }: SetupChange): ReadonlyMap<string, string> => {
    const drafts = new Map<string, string>();
    const wanted = new Map(Object.entries(variables).filter(([name, value]) => value !== current(name)));
    for (const name of wanted.keys()) if (isFixed(name)) throw fixed(name);
    if (wanted.size > 0) drafts.set(envPath, withVariables(textOf(envPath) ?? '', wanted));
    const path = configPath(drafts);
    if (!workspaces) return drafts;
    const before = textOf(path);
    const after = `${JSON.stringify(workspaces(JSON.parse(before?.replace(/^\uFEFF/, '') || '{}')), null, 2)}\n`;
    if (before === undefined || JSON.stringify(JSON.parse(before.replace(/^\uFEFF/, ''))) !== JSON.stringify(JSON.parse(after)))
      drafts.set(path, after);
    return drafts;
  };
  const checked = (drafts: ReadonlyMap<string, string>): Config => {
    const known = new Set(errorsIn(read()).map(keyOf));
    const after = read(drafts);
    const fresh = errorsIn(after).filter((problem) => !known.has(keyOf(problem)));
    if (fresh.length > 0) throw new ConfigError(fresh, 'Nothing of it was written.');
    return after.config;
  };

  const current = (name: string): string | undefined => {
    const variables = { ...readEnvFile(Buffer.from(textOf(envPath) ?? '')).variables, ...env };
    const file = variables[`${name}_FILE`]?.trim();
    const value = variables[name] ?? (file ? textOf(resolve(cwd, file))?.trim() : undefined);
    return value?.trim() === '' ? undefined : value;
  };
  const isFixed = (name: string): boolean => env[name] !== undefined;

  requireReadable(read());
  requireWritable(envPath);
  requireWritable(configPath());
  for (const path of [envPath, configPath()].map(realPathOf)) if (existsSync(dirname(path))) sweepDraftsOf(path);
  return {
    config: () => read().config,
    current,
    isFixed,
    preview: (change) => checked(drafted(change)),
    write: (change) => {
      const drafts = drafted(change);
      checked(drafts);
      return [...drafts].map(([path, text]) => {
        const real = realPathOf(path);
        const before = textOf(real);
        const copy = `${real}.${stamp}.bak`;
        // Another run may have begun at that very moment: what it keeps is older.
        if (before !== undefined && !copied.has(real) && !existsSync(copy)) {
          replaceFile(copy, before, UNWRITABLE);
          if (path === envPath) warnOfGit(copy);
        }
        copied.add(real);
        makeDirectory(dirname(real));
        replaceFile(real, text, UNWRITABLE);
        if (path === envPath) warnOfGit(real);
        return relative(cwd, path) || basename(path);
      });
    },
  };
};

const fixed = (name: string): CommandError =>
  new CommandError(
    `${name} is set in the environment, which wins over .env: unset it there to give it another value here`,
    'init/environment-wins',
  );

const keyOf = ({ place, problem }: ConfigProblem): string => `${place}\n${problem}`;
const errorsIn = ({ problems }: { readonly problems: readonly ConfigProblem[] }) => problems.filter(({ severity }) => severity === 'error');

/** What can't be read can't be added to. A variable that lacks another is what the set-up is for. */
const requireReadable = (read: { readonly config: Config; readonly problems: readonly ConfigProblem[] }): void => {
  const unread = errorsIn(read).filter(({ place }) => /^\.env\b/.test(place) || /\.json(: line|$)/.test(place));
  if (unread.length > 0) throw new ConfigError(unread);
};

/** Found out before anybody is asked anything. */
const requireWritable = (path: string): void => {
  let place = dirname(path);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    throw new CommandError(
      `${path} can't be written (${errorCode(thrown) ?? 'unknown reason'}): let this user write in ${place}, or run it in a directory of yours`,
      UNWRITABLE,
    );
  }
};

const makeDirectory = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw new CommandError(`${path} can't be made (${errorCode(thrown) ?? 'unknown reason'}): name another file with --config`, UNWRITABLE);
  }
};

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return undefined;
    throw new CommandError(`${path} can't be read (${errorCode(thrown) ?? 'unknown reason'}): see who may read it`, 'init/unreadable');
  }
};
