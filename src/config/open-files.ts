import { accessSync, constants, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';
import { isAgentFile } from './agents/agent-files.ts';
import { SKILL_FILE } from './agents/skill-files.ts';
import { alertsBeside } from './alerts.ts';
import type { Config } from './config.ts';
import { SECRET_VARIABLES } from './environment.ts';
import { pricesBeside } from './prices.ts';
import { type ConfigProblem, warning } from './problems.ts';
import { isMountedForOne } from './secret-files.ts';

/** Rights of the group and of everybody else, as bits of a mode. */
const OTHERS = 0o077;
const EVERYBODY = 0o007;
const EVERYBODY_CHANGES = 0o002;
const STICKY = 0o1000;
/** So many are told by their names. */
const MAX_TOLD = 5;

/** Files of the configuration on which other users of this machine have rights that they should not have. */
export const openConfigFiles = (cwd: string, variables: Readonly<Record<string, string>>, config: Config): readonly ConfigProblem[] => {
  const secret = openSecretFiles(cwd, variables, config);
  const told = new Set(secret.map(({ openFile }) => openFile));
  const changeable = configPaths(cwd, config).filter((path) => !told.has(path) && canBeChanged(path));
  const left = changeable.length - MAX_TOLD;
  const open = (openFile: string, problem: string, command: string): ConfigProblem => ({
    ...warning(shownFrom(cwd, openFile), problem, `\`${command} ${shownFrom(cwd, openFile)}\``),
    openFile,
    isOpenToAll: true,
    mayBeRead: true,
  });
  return [
    ...secret,
    ...changeable
      .slice(0, MAX_TOLD)
      .map((path) => open(path, 'every user of this machine can change it, and with it what Kept does', 'chmod o-w')),
    ...(left > 0
      ? [
          open(
            dirname(config.workspaceConfigPath),
            `every user of this machine can change ${left} more files of the configuration`,
            'chmod -R o-w',
          ),
        ]
      : []),
  ];
};

/** Files that hold secrets. */
const openSecretFiles = (
  cwd: string,
  variables: Readonly<Record<string, string>>,
  { http: { tls }, mcp, secretFiles }: Config,
): readonly ConfigProblem[] => {
  const open = (place: string, openFile: string, command: string): ConfigProblem => ({
    ...warning(place, 'other users of this machine can read or change it, and it holds secrets', `\`${command}\``),
    openFile,
    ...((modeOf(openFile) & EVERYBODY) !== 0 && { isOpenToAll: true as const }),
  });
  const envFile = join(cwd, '.env');
  const holdsSecret = SECRET_VARIABLES.some((name) => (variables[name] ?? '').trim() !== '');
  return [
    ...(mcp.servers.length > 0 && (modeOf(mcp.path) & OTHERS) !== 0 ? [open(basename(mcp.path), mcp.path, `chmod 600 ${mcp.file}`)] : []),
    ...(holdsSecret && (modeOf(envFile) & OTHERS) !== 0 ? [open('.env', envFile, 'chmod 600 .env')] : []),
    ...secretFiles
      .filter(({ path }) => !isMountedForOne(path) && (modeOf(path) & EVERYBODY) !== 0)
      .map(({ variable, path }) => open(`${variable}_FILE`, path, `chmod o= ${path}`)),
    // A file of keys usually has its own group.
    ...(tls && (modeOf(tls.keyFile) & EVERYBODY) !== 0 ? [open('SSL_KEYFILE', tls.keyFile, `chmod 640 ${tls.keyFile}`)] : []),
  ];
};

/** What the configuration is read from, whether it is there or not. */
const configPaths = (cwd: string, { workspaceConfigPath, mcp, agents }: Config): readonly string[] => {
  const { agents: agentFiles, skills } = agents.directories;
  return [
    ...new Set([
      join(cwd, '.env'),
      dirname(workspaceConfigPath),
      workspaceConfigPath,
      pricesBeside(workspaceConfigPath),
      alertsBeside(workspaceConfigPath),
      mcp.path,
      agentFiles,
      ...entriesOf(agentFiles).filter((path) => isAgentFile(basename(path))),
      skills,
      ...entriesOf(skills).flatMap((path) => [path, join(path, SKILL_FILE)]),
    ]),
  ];
};

/** So many files of a data directory are looked at. */
const MAX_LOOKED_AT = 1_000;

/** What SQLite makes beside a database, with its rights. */
export const COMPANIONS = ['-wal', '-shm'];

/** Something of the data directory on which others have rights. */
export interface OpenData {
  readonly path: string;
  readonly isFile: boolean;
  readonly mode: number;
}

/** The data directory, its files and logs, as far as others have rights on them. Links are left alone. */
export const openInData = (dataDir: string, leavesOut: (path: string) => boolean = () => false): readonly OpenData[] => {
  const paths = [dataDir, ...entriesOf(dataDir).filter((path) => !leavesOut(path)), ...entriesOf(join(dataDir, 'logs'))];
  const open = paths.slice(0, MAX_LOOKED_AT).flatMap((path): OpenData[] => {
    const found = statOf(path, lstatSync);
    if (!found || !(found.isFile() || found.isDirectory()) || (found.mode & OTHERS) === 0) return [];
    return path === dataDir && isVolume(found) ? [] : [{ path, isFile: found.isFile(), mode: found.mode }];
  });
  const known = new Set(open.map(({ path }) => path));
  return open.filter(({ path }) => !COMPANIONS.some((end) => path.endsWith(end) && known.has(path.slice(0, -end.length))));
};

/** A volume of a container is root's, with the group of its one user: nobody else is there, and it can't close it. */
const isVolume = ({ uid, gid }: Stats): boolean => uid === 0 && process.geteuid?.() !== 0 && gid === process.getegid?.();

/** The same as problems of a production installation. What everybody can change is told first. */
export const openDataProblems = (dataDir: string): readonly ConfigProblem[] => {
  const open = openInData(dataDir).map(({ path, isFile, mode }) => ({ path, isOpenToAll: isFile && (mode & EVERYBODY_CHANGES) !== 0 }));
  const ordered = open.toSorted((a, b) => Number(b.isOpenToAll) - Number(a.isOpenToAll));
  const told = ordered.slice(0, MAX_TOLD).map(({ path, isOpenToAll }): ConfigProblem => {
    const words = isOpenToAll ? 'every user of this machine can change it' : 'other users of this machine can read or change it';
    return { ...warning(path, words, `\`chmod go= ${path}\``), openFile: path, ofProduction: true, ...(isOpenToAll && { isOpenToAll }) };
  });
  if (ordered.length <= MAX_TOLD) return told;
  const more = `other users of this machine can read or change ${ordered.length - MAX_TOLD} more of its files`;
  return [...told, { ...warning(dataDir, more, `\`chmod -R go= ${dataDir}\``), openFile: dataDir, ofProduction: true }];
};

const modeOf = (path: string): number => statOf(path, statSync)?.mode ?? 0;

/** Undefined for what is not there or can't be looked at, and where the system knows no such rights. */
const statOf = (path: string, look: (path: string) => Stats): Stats | undefined => {
  if (process.platform === 'win32') return undefined;
  try {
    return look(path);
  } catch (thrown) {
    if (errorCode(thrown) === undefined) throw thrown;
    return undefined;
  }
};

/** Nobody can change what is mounted read-only, as the files of a ConfigMap are, whatever its mode says. */
const canBeChanged = (path: string): boolean => {
  const found = statOf(path, statSync);
  if (!found || (found.mode & EVERYBODY_CHANGES) === 0) return false;
  // In a directory such as /tmp, nobody replaces the files of others; for a file, the bit means nothing.
  if (found.isDirectory() && (found.mode & STICKY) !== 0) return false;
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (thrown) {
    return errorCode(thrown) !== 'EROFS';
  }
};

const entriesOf = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch (thrown) {
    // That it can't be listed is told where it is read.
    if (errorCode(thrown) === undefined) throw thrown;
    return [];
  }
};

const shownFrom = (cwd: string, path: string): string => {
  const below = relative(cwd, path);
  return below === '' ? '.' : below.startsWith('..') ? path : below;
};
