import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../domain/shared/error-code.ts';
import { PortError, reasonOf } from '../../ports/index.ts';

export interface ReadLogOptions {
  /** Of the current file; those that were put aside are beside it. */
  readonly path: string;
  /** Files that were last written to before are not read. */
  readonly since?: number;
  /** Only the end of the log, of that many bytes; the line that it cuts is left out. */
  readonly tailBytes?: number;
  /** Absent: ends with the last line. Else new lines follow, also over turn-overs, until it aborts. */
  readonly follow?: AbortSignal;
}

/**
 * A line as it was written; `end`, once, where everything that was there is read; `cut` where a line is beyond reading.
 */
export type ReadLogEntry = { readonly type: 'line'; readonly text: string } | { readonly type: 'end' } | { readonly type: 'cut' };

const CHUNK = 256 * 1024;
/** No logger writes a longer one. */
const MAX_LINE = 8 * 1024 ** 2;
const POLL_MS = 250;
const CUT: ReadLogEntry = { type: 'cut' };

/** How many bytes a log has. Its state changes with each one that is written, and where a file is put aside. */
export const lookAtLog = async (path: string): Promise<{ readonly size: number; readonly state: string }> => {
  // A file may be put aside, or removed, meanwhile.
  const files = await Promise.all((await namesOf(path)).map((name) => stat(name).catch(() => undefined)));
  const size = files.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0);
  return { size, state: `${files[0]?.ino ?? 0}-${size}` };
};

/** Whether there is any file of that log. */
export const hasLog = async (path: string): Promise<boolean> => (await namesOf(path)).length > 0;

/**
 * Reads the lines of a log, oldest first, over all its files and while processes write to it and put files aside. A
 * chunk is in memory at a time, however long the files are.
 */
export async function* readLog({ path, since, tailBytes, follow }: ReadLogOptions): AsyncGenerator<ReadLogEntry> {
  let current: LogSource | undefined;
  /** It was put aside a moment ago: a writer may add a last line. */
  let former: LogSource | undefined;
  const sources = new Set<LogSource>();
  const release = async (source: LogSource): Promise<void> => {
    sources.delete(source);
    await source.handle.close();
  };
  const toEnd = async function* (source: LogSource): AsyncGenerator<ReadLogEntry> {
    yield* source.lines(follow);
    yield* source.last();
    await release(source);
  };
  try {
    const first = await openFrom(path, undefined);
    for (const source of first) sources.add(source);
    if (tailBytes !== undefined) beginAtTail(first, tailBytes);
    for (const source of first) {
      if (since !== undefined && source.mtimeMs < since) source.at = source.size;
      if (source !== first.at(-1)) yield* toEnd(source);
    }
    current = first.at(-1);
    if (current) yield* current.lines(follow);
    if (follow?.aborted) return;
    if (!follow) {
      // What stands without an end in the current file is being written, or was cut off when its writer was killed.
      if (current) yield* current.last();
      yield { type: 'end' };
      return;
    }
    yield { type: 'end' };
    while (!follow.aborted) {
      if (former) yield* toEnd(former);
      former = undefined;
      const newer = await openFrom(path, current);
      for (const source of newer) sources.add(source);
      if (current) yield* current.lines(follow);
      const [oldest] = newer;
      if (current && oldest && !(await isNamed(path, current)) && (await skipKnown(current, oldest))) {
        await release(current);
        current = undefined;
      }
      if (newer.length > 0) {
        former = current;
        current = newer.at(-1);
        // What was put aside in between is read first.
        if (former && newer.length > 1) {
          yield* toEnd(former);
          former = undefined;
        }
        for (const source of newer) yield* source === current ? source.lines(follow) : toEnd(source);
      }
      await delay(POLL_MS, undefined, { signal: follow }).catch(() => undefined);
    }
  } finally {
    for (const source of sources) await source.handle.close();
  }
}

/** Whether the log still has that file. */
const isNamed = async (path: string, known: LogSource): Promise<boolean> => {
  const named = await Promise.all((await namesOf(path)).map((name) => stat(name).catch(() => undefined)));
  return named.some((each) => isSame(each, known));
};

/**
 * Where `next` holds the lines of `known` written anew, as when a person is forgotten, it is read from behind those
 * that were read before. Resolves to whether it does.
 */
const skipKnown = async (known: LogSource, next: LogSource): Promise<boolean> => {
  const lines = linesIn(next.handle, (await next.handle.stat()).size);
  let line = await lines.next();
  for await (const { text } of linesIn(known.handle, known.at)) {
    if (line.done) break;
    if (line.value.text !== text) continue;
    next.at = line.value.end;
    line = await lines.next();
  }
  await lines.return(undefined);
  return next.at > 0;
};

/** The whole lines within the first bytes of a file, and where each ends. */
async function* linesIn(handle: FileHandle, size: number): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  const chunk = Buffer.alloc(CHUNK);
  let rest = Buffer.alloc(0);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(CHUNK, size - at), at);
    if (bytesRead === 0) return;
    at += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      yield { text: rest.toString('utf8', from, end), end: at - rest.length + end + 1 };
      from = end + 1;
    }
    rest = rest.subarray(from);
  }
}

/** Leaves out what stands before the last bytes of these files, which are in their order. */
const beginAtTail = (sources: readonly LogSource[], tailBytes: number): void => {
  let left = tailBytes;
  for (const source of sources.toReversed()) {
    if (source.size > left) source.beginBehind(source.size - left);
    left = Math.max(0, left - source.size);
  }
};

interface LogSource {
  readonly handle: FileHandle;
  readonly ino: number;
  readonly dev: number;
  readonly mtimeMs: number;
  readonly size: number;
  /** How far it is read. */
  at: number;
  /** Leaves out what stands before, and the rest of the line there. */
  beginBehind(at: number): void;
  /** Whole lines from there on; it ends early once `until` aborts. */
  lines(until: AbortSignal | undefined): AsyncGenerator<ReadLogEntry>;
  /** What stands behind the last line. */
  last(): AsyncGenerator<ReadLogEntry>;
}

const openSource = async (path: string): Promise<LogSource | undefined> => {
  let handle: FileHandle;
  try {
    // A pipe without a writer would hold the opener for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    return undefined;
  }
  const { ino, dev, mtimeMs, size } = await handle.stat();
  let rest: Buffer = Buffer.alloc(0);
  let skips = false;
  /** Whether it began within a line. */
  let drops = false;
  const chunk = Buffer.alloc(CHUNK);

  const source: LogSource = {
    handle,
    ino,
    dev,
    mtimeMs,
    size,
    at: 0,
    beginBehind(at) {
      source.at = at;
      drops = at > 0;
    },
    async *lines(until) {
      // A file that somebody emptied begins again.
      if ((await handle.stat()).size < source.at) source.at = 0;
      while (!until?.aborted) {
        const { bytesRead } = await handle.read(chunk, 0, CHUNK, source.at);
        if (bytesRead === 0) return;
        source.at += bytesRead;
        let from = 0;
        for (let end = chunk.indexOf(10); end !== -1 && end < bytesRead; end = chunk.indexOf(10, from)) {
          const text = rest.length === 0 ? chunk.toString('utf8', from, end) : textOf(rest, chunk.subarray(from, end));
          from = end + 1;
          rest = Buffer.alloc(0);
          if (drops) drops = false;
          else if (skips) yield CUT;
          else if (text !== '') yield { type: 'line', text };
          skips = false;
        }
        rest = skips ? Buffer.alloc(0) : Buffer.concat([rest, chunk.subarray(from, bytesRead)]);
        if (rest.length > MAX_LINE) {
          skips = true;
          rest = Buffer.alloc(0);
        }
      }
    },
    async *last() {
      if (drops) drops = false;
      else if (skips) yield CUT;
      else if (rest.length > 0) yield { type: 'line', text: rest.toString('utf8') };
      rest = Buffer.alloc(0);
      skips = false;
    },
  };
  return source;
};

const textOf = (...parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');

/**
 * The files behind `known`, or all of them, oldest first. They are opened from the newest to the oldest: one that is
 * put aside meanwhile is met again under its new name, and none is missed.
 */
const openFrom = async (path: string, known: LogSource | undefined): Promise<readonly LogSource[]> => {
  if (known && isSame(await stat(path).catch(() => undefined), known)) return [];
  const lastWritten = known ? (await known.handle.stat()).mtimeMs : 0;
  const opened: LogSource[] = [];
  const names = await namesOf(path);
  const next = Math.max(0, ...names.map((name) => numberOf(path, name))) + 1;
  for (const name of [...names, `${path}.${next}`]) {
    const source = await openSource(name);
    if (!source) continue;
    // Where the known one is gone, what was written before it is known as well.
    const isKnown = known !== undefined && (isSame(source, known) || source.mtimeMs < lastWritten);
    if (isKnown || opened.some((each) => isSame(each, source))) {
      await source.handle.close();
      if (isKnown) break;
    } else opened.unshift(source);
  }
  return opened;
};

const isSame = (one: { readonly ino: number; readonly dev: number } | undefined, other: LogSource): boolean =>
  one?.ino === other.ino && one.dev === other.dev;

const unreadable = (path: string, error: unknown): PortError =>
  new PortError('unavailable', `the log ${path} can't be read by this user: ${errorCode(error) ?? reasonOf(error)}`, {
    retryable: false,
    cause: error,
  });

/** The files of that log, newest first. */
export const namesOf = async (path: string): Promise<readonly string[]> => {
  const found = await readdir(dirname(path)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw unreadable(dirname(path), error);
  });
  return found
    .map((name) => join(dirname(path), name))
    .filter((name) => basename(name) === basename(path) || numberOf(path, name) > 0)
    .toSorted((one, other) => numberOf(path, one) - numberOf(path, other));
};

const numberOf = (path: string, name: string): number => {
  const [, digits] = name.startsWith(path) ? (/^\.(\d{1,6})$/.exec(name.slice(path.length)) ?? []) : [];
  return digits === undefined ? 0 : Number(digits);
};
