import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../ports/index.ts';
import { takeClaim } from './log-file.ts';
import { namesOf } from './read-log.ts';

export interface ForgottenLines {
  readonly files: number;
  readonly lines: number;
}

const CHUNK = 256 * 1024;
/** No logger writes a longer line; what is longer goes. */
const MAX_LINE = 8 * 1024 ** 2;
/** How long another process may be putting files aside. */
const CLAIM_MS = 15_000;
const POLL_MS = 50;
/** What a run that was killed has left: a file written anew, or one that it replaced, and from where on to look. */
const DRAFT = /^(?:\.\d{1,6})?\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.from-(\d+))?$/;
/** A writer looks at the name of its file before each line: one that looked before the exchange has written by then. */
const LAST_LINES_MS = 250;

/**
 * Removes lines from all files of the log at `path`, while other processes write to it: each file is written anew
 * beside the old one, takes its place, and gets what was added to the old one meanwhile. With `dryRun`, lines are only
 * counted. Rejects with PortError `unavailable` where another process keeps putting files aside.
 */
export const forgetLines = async (
  path: string,
  isGone: (line: string) => boolean,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<ForgottenLines> => {
  const claim = `${path}.claim`;
  if (!dryRun) await claimed(claim);
  // A claim that stays as it is for seconds counts as left by a process that was killed.
  const keepClaim = async (): Promise<void> => {
    if (!dryRun) await utimes(claim, new Date(), new Date());
  };
  try {
    let [files, lines] = [0, 0];
    if (!dryRun) await finishKilled(path);
    for (const name of await namesOf(path)) {
      const gone = await forgetIn(name, { isCurrent: name === path, isGone, dryRun, keepClaim });
      if (gone === 0) continue;
      files++;
      lines += gone;
    }
    return { files, lines };
  } finally {
    if (!dryRun) await rm(claim, { force: true });
  }
};

const claimed = async (claim: string): Promise<void> => {
  for (const until = Date.now() + CLAIM_MS; !takeClaim(claim); await delay(POLL_MS))
    if (Date.now() >= until) throw new PortError('unavailable', `${claim} is held by another process: try again`, { retryable: true });
};

/**
 * Takes away what a run that was killed has left. What others had added to a file that it replaced comes into the log
 * again; the lines of it that are to go are found there.
 */
const finishKilled = async (path: string): Promise<void> => {
  const named = await Promise.all((await namesOf(path)).map((name) => stat(name)));
  for (const entry of await readdir(dirname(path))) {
    const [draft, from] = (entry.startsWith(basename(path)) && DRAFT.exec(entry.slice(basename(path).length))) || [];
    if (draft === undefined) continue;
    const left = join(dirname(path), entry);
    const { ino, dev } = await stat(left);
    if (from !== undefined && !named.some((each) => each.ino === ino && each.dev === dev)) await append(left, Number(from), path);
    await rm(left);
  }
};

const append = async (from: string, at: number, path: string): Promise<void> => {
  const [source, target] = [await open(from, 'r'), await open(path, 'a', 0o600)];
  try {
    const put = async (text: Buffer): Promise<void> => void (await target.appendFile(text));
    await filtered(source, { at, isGone: () => false, put, isLast: true });
    await target.sync();
  } finally {
    await source.close();
    await target.close();
  }
};

interface Forgetting {
  /** Others write to it. */
  readonly isCurrent: boolean;
  readonly isGone: (line: string) => boolean;
  readonly dryRun: boolean;
  readonly keepClaim: () => Promise<void>;
}

/** How many lines of this file went. */
const forgetIn = async (name: string, { isCurrent, isGone, dryRun, keepClaim }: Forgetting): Promise<number> => {
  const source = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const draft = `${name}.${randomUUID()}`;
  try {
    const about = await source.stat();
    if (!about.isFile()) return 0;
    const first = await filtered(source, { at: 0, isGone, put: keepClaim });
    if (first.gone === 0 || dryRun) return first.gone;
    // It is added to by others as soon as it has its name.
    const target = await open(draft, 'ax', 0o600);
    try {
      const put = async (text: Buffer): Promise<void> => {
        await keepClaim();
        await target.appendFile(text);
      };
      const all = await filtered(source, { at: 0, isGone, put });
      await target.sync();
      const added = await filtered(source, { at: all.end, isGone, put });
      // Readers know by its time which lines they have read.
      if (!isCurrent) await target.utimes(about.atime, about.mtime);
      // If this process is killed from here on, no line that others add is lost.
      const replaced = `${draft}.from-${added.end}`;
      await link(name, replaced);
      await rename(draft, name);
      await delay(LAST_LINES_MS);
      const rest = await filtered(source, { at: added.end, isGone, put, isLast: true });
      await target.sync();
      await rm(replaced);
      return all.gone + added.gone + rest.gone;
    } finally {
      await target.close();
    }
  } finally {
    await rm(draft, { force: true });
    await source.close();
  }
};

interface Filtering {
  readonly at: number;
  readonly isGone: (line: string) => boolean;
  readonly put: (text: Buffer) => Promise<void>;
  /** A line without its end is the last one. */
  readonly isLast?: boolean;
}

/** Puts the lines that stay, from `at` on; `end` is behind the last whole line. */
const filtered = async (source: FileHandle, { at, isGone, put, isLast = false }: Filtering): Promise<{ gone: number; end: number }> => {
  let [gone, end] = [0, at];
  let open = Buffer.alloc(0);
  let isCut = false;
  for (let place = at; ; ) {
    const { buffer, bytesRead } = await source.read(Buffer.alloc(CHUNK), 0, CHUNK, place);
    if (bytesRead === 0) break;
    place += bytesRead;
    open = Buffer.concat([open, buffer.subarray(0, bytesRead)]);
    const stays: Buffer[] = [];
    for (let stop = open.indexOf(10); stop >= 0; stop = open.indexOf(10)) {
      const line = open.subarray(0, stop + 1);
      open = open.subarray(stop + 1);
      if (isCut || isGone(line.toString('utf8'))) gone++;
      else stays.push(line);
      if (!isCut) end += line.length;
      isCut = false;
    }
    if (stays.length > 0) await put(Buffer.concat(stays));
    if (open.length > MAX_LINE) {
      end += open.length;
      open = Buffer.alloc(0);
      isCut = true;
    }
  }
  if (isLast && open.length > 0) {
    if (isGone(open.toString('utf8'))) gone++;
    else await put(open);
  }
  return { gone, end };
};
