import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSecretFinder } from '../../domain/redaction/redactor.ts';
import { withoutSpans } from '../../domain/redaction/spans.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Listing, WorkspaceFiles } from '../../ports/workspace-files.ts';
import { type Contained, fileError, isHidden, locate as locateAnything, openContained, refused, shownPath } from './containment.ts';
import { rememberKept } from './kept-files.ts';
import { rememberKeyFiles } from './key-files.ts';
import { readAt, refuseAborted } from './read-at.ts';
import { makeSearchRunner } from './search.ts';
import { isBinary, SNIFFED_BYTES, wholeCharacters } from './text.ts';

type Entry = Listing['entries'][number];

const DEFAULT_SEARCH_TIMEOUT_MS = 10_000;
const MAX_PATTERN_LENGTH = 2_000;

/** Redaction sees some text around the part that is read, so that a cut secret is still recognised. */
const AROUND_BYTES = 64 * 1024;

export interface WorkspaceFilesOptions {
  /** The time limit of a search. */
  readonly searchTimeoutMs?: number;
  /**
   * Files and directories that are kept from agents even inside their root, by path and by what they are: Kept's own
   * data, which holds every chat, and its own `.env`. Files that hold secrets by custom always are.
   */
  readonly hidden?: readonly string[];
  /** Values that never come out of a file; what has the shape of a secret never does. */
  readonly secrets?: readonly string[];
}

/** Sight of directory trees on this machine's disk. */
export const makeWorkspaceFiles = ({
  searchTimeoutMs = DEFAULT_SEARCH_TIMEOUT_MS,
  hidden = [],
  secrets = [],
}: WorkspaceFilesOptions = {}): WorkspaceFiles => {
  requireNode(process.versions.node);
  const runSearch = makeSearchRunner(secrets);
  const findSecrets = makeSecretFinder(secrets);
  const isKept = rememberKept(hidden);
  const isKeyFile = rememberKeyFiles();
  const reallyHidden = (): Promise<string[]> => Promise.all(hidden.map((path) => realpath(path).catch(() => path)));
  const locate = async (root: string, path: string): Promise<Contained> => {
    const place = await locateAnything(root, path);
    if (isHidden(await reallyHidden(), place)) throw kept(path);
    return place;
  };
  /** Opens a file that agents may see. */
  const openVisible = async (root: string, path: string, signal: AbortSignal) => {
    refuseAborted(signal);
    const place = await locate(root, path);
    const file = await openContained(place, path);
    try {
      const stats = await file.stat();
      if (await isKept(place.root, place.path, stats)) throw kept(path);
      return { file, stats };
    } catch (error) {
      await file.close();
      throw error;
    }
  };
  return {
    readBytes: async (root, path, { maxBytes, signal }) => {
      const { file, stats } = await openVisible(root, path, signal);
      try {
        if (await isKeyFile(file, stats, signal)) throw keyFile(path);
        return { bytes: await readAt(file, 0, Math.min(maxBytes, stats.size), signal), sizeBytes: stats.size };
      } finally {
        await file.close();
      }
    },

    read: async (root, path, { offset, maxBytes, signal }) => {
      const { file, stats } = await openVisible(root, path, signal);
      try {
        const head = await readAt(file, 0, SNIFFED_BYTES, signal);
        const from = Math.max(0, offset - AROUND_BYTES);
        const around = await readAt(file, from, offset - from + maxBytes + AROUND_BYTES, signal);
        const bytes = around.subarray(offset - from, offset - from + maxBytes);
        if (isBinary(head) || bytes.includes(0)) throw refused(path, 'is not a text file');
        if (await isKeyFile(file, stats, signal)) throw keyFile(path);
        const { start, end } = wholeCharacters(bytes, bytes.length < maxBytes);
        const [before, part, after] = [
          around.toString('utf8', 0, offset - from + start),
          bytes.toString('utf8', start, end),
          around.toString('utf8', offset - from + end),
        ];
        const whole = before + part + after;
        const within = { start: before.length, end: before.length + part.length };
        const endOffset = offset + end;
        return {
          text: withoutSpans(whole, findSecrets(whole), undefined, within),
          sizeBytes: stats.size,
          endOffset,
          truncated: endOffset < stats.size,
        };
      } finally {
        await file.close();
      }
    },

    list: async (root, path, { limit, signal }) => {
      refuseAborted(signal);
      const place = await locate(root, path);
      const listed = await stat(place.path).catch((error: unknown) => {
        throw fileError(path, error);
      });
      if (await isKept(place.root, place.path, listed)) throw kept(path);
      const names: { readonly name: string; readonly kind: Entry['kind'] }[] = [];
      try {
        for await (const entry of await opendir(place.path)) {
          refuseAborted(signal);
          const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'other';
          names.push({ name: entry.name, kind });
          // Only the first names of a huge directory are listed; a note at the end says so.
          if (names.length > limit * 2 + 1000) first(names, limit + 1);
        }
      } catch (error) {
        if (error instanceof PortError) throw error;
        throw error instanceof Error && 'code' in error && error.code === 'ENOTDIR'
          ? refused(path, 'is a file, not a directory')
          : fileError(path, error);
      }
      // The listing is returned only if the place is still the one that was allowed.
      if ((await locate(place.root, shownPath(place.root, place.path))).path !== place.path)
        throw refused(path, 'was moved while it was read');
      first(names, limit + 1);
      const entries = await Promise.all(names.slice(0, limit).map((entry) => withSize(place.path, entry)));
      return { entries, truncated: names.length > limit };
    },

    search: async (root, path, query, { signal, tenant = root }) => {
      refuseAborted(signal);
      if (query.pattern.length > MAX_PATTERN_LENGTH)
        throw refused(query.pattern, `is too long a pattern: ${MAX_PATTERN_LENGTH} characters at the most`);
      const place = await locate(root, path);
      refuseAborted(signal);
      return runSearch({ place, query, hidden: await reallyHidden() }, { tenant, signal, timeoutMs: searchTimeoutMs });
    },
  };
};

const keyFile = (path: string): PortError => refused(path, 'holds a private key, and is kept from agents');
const kept = (path: string): PortError => refused(path, 'is kept from agents: such files hold secrets');

/** Leaves the first `count` by name, in order. */
const first = (names: { readonly name: string }[], count: number): void => {
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  names.length = Math.min(names.length, count);
};

/** Only files have a size; a file that is gone in the meantime has none. */
const withSize = async (directory: string, entry: Omit<Entry, 'sizeBytes'>): Promise<Entry> => {
  if (entry.kind !== 'file') return entry;
  const found = await lstat(join(directory, entry.name)).catch(() => undefined);
  return found?.isFile() ? { ...entry, sizeBytes: found.size } : entry;
};
