import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isAgentFile } from '../config/agents/agent-files.ts';
import { SKILL_FILE } from '../config/agents/skill-files.ts';
import { alertsBeside, type Config, pricesBeside } from '../config/index.ts';

/** The places of the files that are read at the start of a process; absolute. */
interface Places {
  readonly files: readonly string[];
  readonly agents: string;
  readonly skills: string;
}

/** When each file that a process has read was changed last (ms since 1970). */
type Times = Readonly<Record<string, number>>;

interface FilesRead {
  readonly pid: number;
  readonly places: Places;
  readonly times: Times;
}

type Sources = Pick<Config, 'workspaceConfigPath'> & {
  readonly mcp: Pick<Config['mcp'], 'path'>;
  readonly agents: Pick<Config['agents'], 'directories'>;
};

const ENDING = '.read.json';
const recordPath = (dataDir: string, lock: string): string => join(dataDir, `${lock}${ENDING}`);

const placesOf = ({ workspaceConfigPath, mcp, agents }: Sources, cwd: string): Places => ({
  files: [join(cwd, '.env'), workspaceConfigPath, pricesBeside(workspaceConfigPath), alertsBeside(workspaceConfigPath), mcp.path],
  ...agents.directories,
});

/**
 * Records which files of the configuration this process has read, for those who ask whether they have changed since.
 * Returns what removes the record.
 */
export const recordFilesRead = (dataDir: string, lock: string, config: Sources, cwd = process.cwd()): (() => void) => {
  sweepRecords(dataDir);
  const places = placesOf(config, cwd);
  const record: FilesRead = { pid: process.pid, places, times: timesOf(places) };
  const path = recordPath(dataDir, lock);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(draft, path);
  return () => rmSync(path, { force: true });
};

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

/** What to do about the changed files. */
export const staleWords = (files: readonly string[], pid: number): string =>
  `${files.join(' and ')} changed after PID ${pid} started: restart it to use the change.`;
