import type { Dirent } from 'node:fs';
import { lstat, opendir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { forgetLines } from '../adapters/pino/index.ts';
import { makeWorkScopes } from '../application/index.ts';
import { type AccessPolicy, isLocalChat, nativeId } from '../domain/index.ts';
import { errorCode } from '../domain/shared/error-code.ts';
import { present } from '../domain/shared/present.ts';
import { scopeOf } from '../domain/workspace/policy.ts';
import type { ForgetElsewhere } from '../ports/index.ts';
import { logPath, logsPath } from './data-dir.ts';
import { backupsPath, mayBeBackup } from './newest-backup.ts';

/** Files below the data directory that hold transcripts of the coding agent are looked through up to this size. */
const MAX_BYTES = 64 * 1024 ** 2;
const MAX_ENTRIES = 200_000;
/** What a process in the background printed, where it did not start. */
const START_OUT = 'start.out';
const MAX_BACKUPS = 1_000;

/** Lines of the log, in all of its files, that name the person, are about work for them, or hold words of theirs. */
export const forgetInLogs =
  (dataDir: string, storageId: string): ForgetElsewhere =>
  async (person, { messages, names }, { echo, dryRun }) => {
    const scopes = makeWorkScopes(storageId);
    const traces = new Set(messages.map((message) => scopes.traceOfMessage(message)));
    // A name alone is a word like others; beside `name`, it says who spoke.
    const spoken = names.flatMap((name) => [
      `"name":${JSON.stringify(name)}`,
      JSON.stringify(`"name":${JSON.stringify(name)}`).slice(1, -1),
    ]);
    const named = new RegExp(`(?<![\\w-])${escaped(person)}(?![\\w-])`, 'u');
    const isGone = (line: string): boolean => {
      const [, trace] = /"trace":"([0-9a-f]{32})"/.exec(line) ?? [];
      return (
        (trace !== undefined && traces.has(trace)) || named.test(line) || spoken.some((each) => line.includes(each)) || echo.isIn(line)
      );
    };
    const logs = [logPath(dataDir), join(logsPath(dataDir), START_OUT)];
    let count = 0;
    for (const log of logs) count += (await forgetLines(log, isGone, { dryRun })).lines;
    return counted('lines of the log', count);
  };

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Files that the person sent, where their chats keep them: those that the storage knows of, and those that stand there
 * under the number of a message of theirs, as one that arrives while the person is forgotten. What leads out of the
 * directory of the chat is left alone.
 */
export const forgetFiles =
  (policy: AccessPolicy): ForgetElsewhere =>
  async (person, { files, messages, names }, { dryRun }) => {
    const found = new Set<string>();
    const take = async (directory: string, path: string | undefined): Promise<void> => {
      const place = path === undefined ? undefined : await placeWithin(directory, path);
      if (place !== undefined) found.add(place);
    };
    for (const { chat, username, files: brought } of files) {
      if (isLocalChat(chat.id)) continue;
      const { directory } = scopeOf(policy, { chatId: chat.id, senderId: person, ...present({ username }) });
      for (const { path } of brought) await take(directory, path);
    }
    for (const [chatId, its] of Map.groupBy(messages, (message) => message.chatId)) {
      if (isLocalChat(chatId)) continue;
      const numbers = new Set(its.map(({ messageId }) => nativeId(messageId)));
      const scopes = [undefined, ...names].map((username) => scopeOf(policy, { chatId, senderId: person, ...present({ username }) }));
      for (const directory of new Set(scopes.map((scope) => scope.directory))) {
        const inbox = join('inbox', nativeId(chatId));
        for await (const { name } of entriesOf(join(directory, inbox)))
          if (numbers.has(/^(\d+)-/.exec(name)?.[1] ?? '')) await take(directory, join(inbox, name));
      }
    }
    if (!dryRun) for (const place of found) await rm(place, { force: true });
    return counted('files', found.size);
  };

/** The file itself; undefined where it is not there, is no file, or lies elsewhere. */
const placeWithin = async (directory: string, path: string): Promise<string | undefined> => {
  try {
    const root = await realpath(directory);
    const place = await realpath(join(root, path));
    const way = relative(root, place);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
    return (await lstat(place)).isFile() ? place : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
};

/** Transcripts of the coding agent, and what else it keeps in the data directory, that repeat the person's words. */
export const forgetTranscripts =
  (dataDir: string): ForgetElsewhere =>
  async (_person, _survey, { echo, dryRun }) => {
    let count = 0;
    for await (const path of filesBelow(join(dataDir, 'coding'))) {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return '';
        throw error;
      });
      if (!echo.isIn(text)) continue;
      count++;
      if (!dryRun) await rm(path, { force: true });
    }
    return counted('transcripts of the coding agent', count);
  };

/** Plain files of up to MAX_BYTES; no link is followed. */
async function* filesBelow(root: string): AsyncGenerator<string> {
  const pending = [root];
  let left = MAX_ENTRIES;
  for (let directory = pending.shift(); directory !== undefined; directory = pending.shift())
    for await (const entry of entriesOf(directory)) {
      if (left-- <= 0) return;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() && (await lstat(path)).size <= MAX_BYTES) yield path;
    }
}

async function* entriesOf(directory: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(directory);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
  }
}

const counted = (name: string, count: number): Readonly<Record<string, number>> => (count > 0 ? { [name]: count } : {});

/**
 * Backups that were made before: they still hold what is forgotten. The directory itself, where this user may not look
 * into it.
 */
export const backupPathsIn = async (dataDir: string): Promise<readonly string[]> => {
  const place = backupsPath(dataDir);
  try {
    const names = (await readdir(place)).filter(mayBeBackup).sort();
    return names.slice(0, MAX_BACKUPS).map((name) => join(place, name));
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? [] : [place];
  }
};
