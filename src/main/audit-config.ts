import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { readEnvFile } from '../config/env-file.ts';
import { FILE_VARIABLES, VARIABLE_NAMES } from '../config/environment.ts';
import { type ConfigurationChange, configurationFact } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import type { Clock, Storage } from '../ports/index.ts';
import { readingPaths } from './files-read.ts';
import { VERSION } from './version.ts';

/** What a process has read, as it is remembered: hashes of whole files, and a mark for each place in them. */
interface ReadBefore {
  readonly salt: string;
  readonly files: Readonly<Record<string, string>>;
  readonly marks: Readonly<Record<string, string>>;
}

const OWNER = 'audit';
const MAX_PLACES = 2_000;
const MAX_DEPTH = 4;

/**
 * Tells the audit log what this process has read of its configuration, where that is not what the last process of its
 * role had read: which files, with a hash of each, and which places in them are new, changed or gone. Never a value.
 */
export const auditConfiguration = async (
  { stores, state }: Pick<Storage, 'stores' | 'state'>,
  role: string,
  config: Parameters<typeof readingPaths>[0],
  {
    clock,
    cwd = process.cwd(),
    env = process.env,
    isRead = () => true,
  }: {
    readonly clock: Pick<Clock, 'now'>;
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Whether this file was read now. Of the others, what was read before still counts. Default: all were. */
    readonly isRead?: (path: string) => boolean;
  },
): Promise<void> => {
  const memory = state(OWNER);
  const key = `configuration:${role}`;
  const before = readBefore(await memory.get(key));
  const read = reading(config, before?.salt ?? randomUUID(), cwd, env);
  const now = before ? withUnread(read, before, (name) => !isRead(resolve(cwd, name))) : read;
  const isSame = before && isEqual(before.files, now.files) && isEqual(before.marks, now.marks);
  if (isSame) return;
  await stores.audit.add([configurationFact(changeOf(role, before, now), clock.now())]);
  // A process that dies here tells it once more.
  await memory.set(new Map([[key, JSON.stringify(now)]]));
};

const changeOf = (role: string, before: ReadBefore | undefined, now: ReadBefore): ConfigurationChange => {
  const names = (matches: (name: string) => boolean, among: Readonly<Record<string, string>>): readonly string[] =>
    Object.keys(among).filter(matches).sort();
  return {
    process: role,
    version: VERSION,
    files: Object.entries(now.files).map(([path, sha256]) => ({ path, sha256 })),
    ...present({
      added: before && names((name) => before.marks[name] === undefined, now.marks),
      changed: before && names((name) => before.marks[name] !== undefined && before.marks[name] !== now.marks[name], now.marks),
      removed: before && names((name) => now.marks[name] === undefined, before.marks),
    }),
  };
};

/** What is not read now stays as it was. A mark begins with the name of its file. */
const withUnread = (read: ReadBefore, before: ReadBefore, isUnread: (name: string) => boolean): ReadBefore => {
  const files = Object.keys({ ...before.files, ...read.files }).filter(isUnread);
  const isOf = (name: string): boolean => files.some((file) => name === file || name.startsWith(`${file} `));
  const merged = (old: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries([...Object.entries(old).filter(([name]) => isOf(name)), ...Object.entries(now).filter(([name]) => !isOf(name))]);
  return { salt: read.salt, files: merged(before.files, read.files), marks: merged(before.marks, read.marks) };
};

const isEqual = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const reading = (config: Parameters<typeof readingPaths>[0], salt: string, cwd: string, env: NodeJS.ProcessEnv): ReadBefore => {
  const files: Record<string, string> = {};
  const places: (readonly [string, unknown])[] = [];
  const secretPaths = new Set(config.secretFiles.map(({ path }) => path));
  for (const path of readingPaths(config, cwd)) {
    const content = contentOf(path);
    if (!content) continue;
    const name = shown(path, cwd);
    if (secretPaths.has(path)) {
      // Whoever holds the hash of a short secret, and nothing else, finds the secret.
      places.push([name, content.toString('utf8').trim()]);
      continue;
    }
    files[name] = sha256(content);
    places.push(...placesIn(name, content));
  }
  for (const name of [...VARIABLE_NAMES, ...FILE_VARIABLES]) if (env[name]) places.push([`environment ${name}`, env[name]]);
  // A mark of 16 bits tells that a value has changed, and too little of it to find it.
  const marks = places
    .slice(0, MAX_PLACES)
    .map(([place, value]) => [place, sha256(JSON.stringify([salt, place, value])).slice(0, 4)] as const);
  return { salt, files, marks: Object.fromEntries(marks) };
};

const shown = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
};

/** What can't be read is reported as a configuration error elsewhere. */
const contentOf = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

const placesIn = (name: string, content: Buffer): readonly (readonly [string, unknown])[] => {
  if (name.endsWith('.env'))
    return Object.entries(readEnvFile(content).variables).map(([variable, value]) => [`${name} ${variable}`, value] as const);
  if (!name.endsWith('.json')) return [];
  try {
    return leavesOf(name, JSON.parse(content.toString('utf8')), 0);
  } catch {
    return [];
  }
};

/** `config/workspace_config.json workspaces.Acme.telegram_chat_ids` */
const leavesOf = (name: string, value: unknown, depth: number): readonly (readonly [string, unknown])[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === MAX_DEPTH) return [[name, value]];
  return Object.entries(value).flatMap(([key, part]) => leavesOf(`${name}${depth === 0 ? ' ' : '.'}${key}`, part, depth + 1));
};

const readBefore = (stored: string | undefined): ReadBefore | undefined => {
  if (stored === undefined) return undefined;
  try {
    const read = JSON.parse(stored) as Partial<ReadBefore> | null;
    return typeof read?.salt === 'string' && read.files && read.marks
      ? { salt: read.salt, files: read.files, marks: read.marks }
      : undefined;
  } catch {
    return undefined;
  }
};
