import { accessSync, constants, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';
import { present } from '../domain/shared/present.ts';
import { err, ok, type Result } from '../domain/shared/result.ts';
import type { Config } from './config.ts';
import { readEnvFile } from './env-file.ts';
import { readConfig } from './load-config.ts';
import { openConfigFiles, openDataProblems } from './open-files.ts';
import type { ConfigProblem } from './problems.ts';
import { type Machine, productionProblems } from './production.ts';
import { cannotRead, MAX_FILE_BYTES } from './read-text.ts';
import { dataDirIn } from './sections/process.ts';
import { isKnownVariable, unknownInFile } from './unknown-variables.ts';
import type { PathKind } from './workspace-policy.ts';

/**
 * The configuration of this process: its environment first, then `.env` in `cwd`, then defaults. An empty variable of
 * the process hides the one in `.env`. Reports every problem of all three at once. Changes nothing global, prints
 * nothing.
 */
export const loadProcessConfig = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
): Result<Config, ConfigProblem[]> => {
  const { config, problems } = readProcessConfig(env, cwd);
  return problems.some(({ severity }) => severity === 'error') ? err([...problems]) : ok(config);
};

/** Where the data is kept, without a look at it: its disk may hang. */
export const dataDirOf = (env: Readonly<Record<string, string | undefined>> = process.env, cwd: string = process.cwd()): string => {
  const { KEPT_DATA_DIR } = { ...envFileIn(cwd).variables, ...env };
  return dataDirIn(cwd, KEPT_DATA_DIR?.trim() || undefined);
};

interface ReadProcessConfig {
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Everything that can be read, even with errors, and every problem; see `readConfig`. `looksAtData`: whether the data
 * directory may be looked at; else it is taken for one. `insteadOfWorkspaces`: a file that is read in place of that of
 * the workspaces. `drafts`: what files would hold.
 */
export const readProcessConfig = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
  options: ReadingOptions = {},
): ReadProcessConfig => readBeside(envFileIn(cwd, options.drafts), env, cwd, options);

/** Reads the files of the configuration once more, each time that it is called; all variables stay as they are now. */
export const makeReadAgain = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
): (() => ReadProcessConfig) => {
  const [file, variables] = [envFileIn(cwd), { ...env }];
  return () => readBeside(file, variables, cwd, { looksAtData: false });
};

interface ReadingOptions {
  readonly looksAtData?: boolean;
  readonly insteadOfWorkspaces?: string | undefined;
  /** Texts in place of those of files, by absolute path: what would be read once they are written. */
  readonly drafts?: ReadonlyMap<string, string>;
}

const readBeside = (
  file: ReturnType<typeof readEnvFile>,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  { looksAtData = true, insteadOfWorkspaces, drafts }: ReadingOptions = {},
): ReadProcessConfig => {
  const known = Object.fromEntries(Object.entries(file.variables).filter(([name]) => isKnownVariable(name)));
  const read = readConfig({
    env: { ...known, ...env },
    cwd,
    ...present({ insteadOfWorkspaces }),
    readFile: (path) => drafts?.get(path) ?? readFile(path)?.toString('utf8'),
    listDirectory,
    kindOf: looksAtData ? kindOf : kindBeside(dataDirOf(env, cwd)),
    hasPackage,
    hasCommand: (name) => hasCommand(name, env.PATH),
  });
  const found = [...file.problems, ...unknownInFile(file.lines), ...read.problems, ...openConfigFiles(cwd, known, read.config)];
  const problems = read.config.environment === 'production' ? asProduction(read.config, found, looksAtData) : found;
  return { config: { ...read.config, warnings: problems.filter(({ severity }) => severity === 'warning') }, problems };
};

/** The problems of a production installation. */
const asProduction = (config: Config, found: readonly ConfigProblem[], looksAtData: boolean): readonly ConfigProblem[] =>
  looksAtData
    ? productionProblems(config, machineOf(config.dataDir), [...found, ...openDataProblems(config.dataDir)])
    : productionProblems(config, {}, found);

/** What the machine is like, as far as production cares. */
const machineOf = (dataDir: string): Machine => ({
  isRoot: process.geteuid?.() === 0,
  ...present({ fileSystem: fileSystemAt(dataDir) }),
});

/** The kind of the file system that holds the directory, or will. Undefined where the system does not tell. */
const fileSystemAt = (directory: string): number | undefined => {
  if (process.platform !== 'linux') return undefined;
  for (let path = directory; ; path = dirname(path)) {
    try {
      return statfsSync(path).type;
    } catch (thrown) {
      // Not there yet, or not to be looked into: what is above it tells.
      if (errorCode(thrown) === undefined) throw thrown;
      if (dirname(path) === path) return undefined;
    }
  }
};

const envFileIn = (cwd: string, drafts?: ReadonlyMap<string, string>): ReturnType<typeof readEnvFile> => {
  const path = join(cwd, '.env');
  const draft = drafts?.get(path);
  try {
    return readEnvFile((draft === undefined ? readFile(path) : Buffer.from(draft)) ?? Buffer.of());
  } catch (thrown) {
    return { variables: {}, lines: new Map(), problems: [cannotRead('.env', thrown)] };
  }
};

const readFile = (path: string): Buffer | undefined => {
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_FILE_BYTES)
      throw Object.assign(new Error(`${path} is too large`), { code: 'EFBIG' });
    return readFileSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
};

const listDirectory = (path: string): readonly string[] | undefined => {
  try {
    return readdirSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
};

const kindOf = (path: string): PathKind => {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other';
  } catch (thrown) {
    // A path without permission counts as missing: work there would fail in the same way.
    if (errorCode(thrown) !== undefined) return 'missing';
    throw thrown;
  }
};

/** What is on the disk of that directory is not looked at. */
const kindBeside =
  (directory: string) =>
  (path: string): PathKind =>
    path === directory || path.startsWith(join(directory, sep)) ? 'directory' : kindOf(path);

/** Whether an import of this package finds it. */
export const hasPackage = (name: string): boolean => {
  try {
    import.meta.resolve(name);
    return true;
  } catch (thrown) {
    // What is there and exports nothing by this name is no package of a model either.
    if (errorCode(thrown) !== undefined) return false;
    throw thrown;
  }
};

/** Where programs are looked for if PATH is not set. */
export const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Where a command, or an absolute path, may be found. */
export const placesOfCommand = (command: string, path = USUAL_PATH): readonly string[] => {
  const directories = path.split(delimiter).filter((directory) => directory !== '');
  return isAbsolute(command) ? [command] : directories.map((directory) => join(directory, command));
};

/** Whether a command, or an absolute path, names a program that may be run. */
export const hasCommand = (command: string, path?: string): boolean =>
  placesOfCommand(command, path).some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch (thrown) {
      if (errorCode(thrown) !== undefined) return false;
      throw thrown;
    }
  });
