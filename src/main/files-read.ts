import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isAgentFile } from '../config/agents/agent-files.ts';
import { SKILL_FILE } from '../config/agents/skill-files.ts';
import { alertsBeside, type Config, type ConfigProblem, pricesBeside } from '../config/index.ts';
import { commandHint } from '../domain/index.ts';
import { writeWhole } from './whole-file.ts';

/** The places of the files that are read at the start of a process; absolute. */
interface Places {
  readonly files: readonly string[];
  /** Those of them that are read at the start alone. */
  readonly onceRead: readonly string[];
  readonly agents: string;
  readonly skills: string;
}

/** When each file that a process has read was changed last (ms since 1970). */
type Times = Readonly<Record<string, number>>;

interface FilesRead {
  readonly pid: number;
  readonly places: Places;
  readonly times: Times;
  /** What is wrong with what was read last, which is not used. Absent: nothing. */
  readonly refused?: readonly RefusedProblem[];
  /** How many more are wrong. */
  readonly refusedMore?: number;
}

/** The probe that tells of processes that do not use a changed configuration. */
export const RELOAD_PROBE = 'config.reload';

/** Why a changed configuration is not used. */
export type RefusedProblem = Pick<ConfigProblem, 'place' | 'problem'>;

type Sources = Pick<Config, 'workspaceConfigPath' | 'secretFiles'> & {
  readonly mcp: Pick<Config['mcp'], 'path'>;
  readonly agents: Pick<Config['agents'], 'directories'>;
};

const ENDING = '.read.json';
const recordPath = (dataDir: string, lock: string): string => join(dataDir, `${lock}${ENDING}`);

const placesOf = ({ workspaceConfigPath, mcp, agents, secretFiles }: Sources, cwd: string): Places => {
  const onceRead = [join(cwd, '.env'), alertsBeside(workspaceConfigPath)];
  const keys = secretFiles.map(({ path }) => path);
  return {
    files: [...onceRead, workspaceConfigPath, pricesBeside(workspaceConfigPath), mcp.path, ...keys],
    onceRead: [...onceRead, ...secretFiles.filter(({ isReadAgain }) => !isReadAgain).map(({ path }) => path)],
    ...agents.directories,
  };
};

/**
 * Records which files of the configuration this process has read, for those who ask whether they have changed since.
 * Returns what removes the record.
 */
export const recordFilesRead = (dataDir: string, lock: string, config: Sources, cwd = process.cwd()): (() => void) => {
  sweepRecords(dataDir);
  const places = placesOf(config, cwd);
  const path = recordPath(dataDir, lock);
  writeRecord(path, { pid: process.pid, places, times: timesOf(places) });
  return () => rmSync(path, { force: true });
};

const writeRecord = (path: string, record: FilesRead): void => writeWhole(path, `${JSON.stringify(record)}\n`);

/** The files that a running process reads again; what else it has read counts from its next start. */
const isReadAgain = (path: string, { onceRead }: Pick<Places, 'onceRead'>): boolean => !onceRead.includes(path);

/** Tells which files a running process reads again; paths are absolute. */
export const readsAgain = (config: Sources, cwd = process.cwd()): ((path: string) => boolean) => {
  const places = placesOf(config, cwd);
  return (path) => isReadAgain(path, places);
};

/** When each file that a running process reads again was changed last. */
export const readAgainTimes = (config: Sources, cwd = process.cwd()): Times => {
  const places = placesOf(config, cwd);
  return Object.fromEntries(Object.entries(timesOf(places)).filter(([path]) => isReadAgain(path, places)));
};

/** Records that this process has read these files once more, or why it does not use them. */
export const recordReadAgain = (dataDir: string, lock: string, read: Times | readonly RefusedProblem[]): void => {
  const path = recordPath(dataDir, lock);
  const record = readRecord(path, process.pid);
  if (!record) return;
  const { refused: _, refusedMore: __, times, places, ...rest } = record;
  if (isRefused(read)) {
    const refused = read.slice(0, MAX_REFUSED).map(({ place, problem }) => ({ place, problem }));
    writeRecord(path, { ...rest, places, times, refused, refusedMore: read.length - refused.length });
    return;
  }
  const others = Object.fromEntries(Object.entries(times).filter(([each]) => !isReadAgain(each, places)));
  writeRecord(path, { ...rest, places, times: { ...others, ...read } });
};

const MAX_REFUSED = 5;
const isRefused = (read: Times | readonly RefusedProblem[]): read is readonly RefusedProblem[] => Array.isArray(read);

/** A process that does not use a configuration that was changed, and why. */
export interface Refusal {
  readonly pid: number;
  readonly problems: readonly RefusedProblem[];
  /** How many more problems there are. */
  readonly more: number;
}

/** Those of these processes that do not use a configuration that was changed. */
export const refusalsOf = (
  processes: readonly { readonly role: string; readonly pid: number }[],
  { dataDir }: Pick<Config, 'dataDir'>,
): readonly Refusal[] =>
  processes.flatMap(({ role, pid }) => {
    const { refused: problems = [], refusedMore: more = 0 } = readRecord(recordPath(dataDir, role), pid) ?? {};
    return problems.length > 0 ? [{ pid, problems, more }] : [];
  });

/** The files that a process which starts now reads; absolute. */
export const readingPaths = (config: Sources, cwd: string): readonly string[] => Object.keys(timesOf(placesOf(config, cwd)));

/** Records of processes that were killed. */
const sweepRecords = (dataDir: string): void => {
  for (const name of readdirSync(dataDir).filter((entry) => entry.endsWith(ENDING)))
    if (!existsSync(join(dataDir, `${name.slice(0, -ENDING.length)}.lock`))) rmSync(join(dataDir, name), { force: true });
};

/**
 * The configuration files that a running process has read at its start, and that were changed, added or removed since.
 * Of a process that has left no record, those of `config` that are younger than it.
 */
export const changedSince = (
  { role, pid, startedAt }: { readonly role: string; readonly pid: number; readonly startedAt: number },
  config: Sources & Pick<Config, 'dataDir'>,
  cwd = process.cwd(),
): readonly string[] => {
  const record = readRecord(recordPath(config.dataDir, role), pid);
  const now = timesOf(record?.places ?? placesOf(config, cwd));
  const changed = record
    ? [...new Set([...Object.keys(record.times), ...Object.keys(now)])].filter((path) => record.times[path] !== now[path])
    : Object.keys(now).filter((path) => (now[path] ?? 0) > startedAt);
  return changed.map((path) => (relative(cwd, path).startsWith('..') ? path : relative(cwd, path)));
};

const readRecord = (path: string, pid: number): FilesRead | undefined => {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as FilesRead | null;
    return record?.pid === pid && Array.isArray(record.places?.files) && record.times ? record : undefined;
  } catch {
    // A record that is missing or damaged: the process is older than it, or was killed while it began.
    return undefined;
  }
};

const timesOf = ({ files, agents, skills }: Places): Times => {
  const all = [
    ...files,
    ...entriesOf(agents)
      .filter(isAgentFile)
      .map((name) => join(agents, name)),
    ...entriesOf(skills).map((name) => join(skills, name, SKILL_FILE)),
  ];
  return Object.fromEntries(
    all.flatMap((path) => {
      const time = timeOf(path);
      return time === undefined ? [] : [[path, time]];
    }),
  );
};

const entriesOf = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith('.'));
  } catch {
    // One that can't be listed is reported as a configuration error elsewhere, and most often there is none.
    return [];
  }
};

/** A file that can't be examined (a loop of links, for example) is reported as a configuration error elsewhere. */
const timeOf = (path: string): number | undefined => {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
};

/** What running processes do not use, and why: what is the same for several is told once. */
export const refusedWords = (refusals: readonly Refusal[]): readonly string[] =>
  together(refusals, ({ problems, more }) =>
    [...problems.map(({ place, problem }) => `${place}: ${problem}`), ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  ).map(
    ([words, pids]) =>
      `PID ${pids.join(', ')} ${pids.length === 1 ? 'goes' : 'go'} on by the configuration of before, as what was changed can't be used: ${words}.`,
  );

/** What to do about files that were changed since processes have read them. */
export const staleWords = (stale: readonly { readonly pid: number; readonly files: readonly string[] }[]): readonly string[] =>
  together(stale, ({ files }) => files.join(' and ')).map(
    ([files, pids]) =>
      `${files} changed after PID ${pids.join(', ')} started: restart ${pids.length === 1 ? 'it' : 'them'} to use the change (${commandHint('restart')}).`,
  );

/** The processes for which the words are the same. */
const together = <T extends { readonly pid: number }>(
  all: readonly T[],
  wordsOf: (one: T) => string,
): readonly (readonly [words: string, pids: readonly number[]])[] =>
  [...Map.groupBy(all, wordsOf)].map(([words, some]) => [words, some.map(({ pid }) => pid)]);
