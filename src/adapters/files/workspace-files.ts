import { type FileHandle, lstat, opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../ports/port-error.ts';
import type { Listing, WorkspaceFiles } from '../../ports/workspace-files.ts';
import { type Contained, fileError, isHidden, locate as locateAnything, openContained, refused, shownPath } from './containment.ts';
import { makeSearchRunner, type RunSearch } from './search.ts';
import { isBinary, SNIFFED_BYTES, wholeCharacters } from './text.ts';

type Entry = Listing['entries'][number];

const DEFAULT_SEARCH_TIMEOUT_MS = 10_000;
const MAX_PATTERN_LENGTH = 2_000;

export interface WorkspaceFilesOptions {
  /** Bounds each search, whatever its pattern. */
  readonly searchTimeoutMs?: number;
  /** Directories that are kept from agents even inside their root: Kept's own data, which holds every chat. `.env` files always are. */
  readonly hidden?: readonly string[];
}

/** Sight of directory trees on this machine's disk. */
export const makeWorkspaceFiles = ({
  searchTimeoutMs = DEFAULT_SEARCH_TIMEOUT_MS,
  hidden = [],
}: WorkspaceFilesOptions = {}): WorkspaceFiles => filesWith(makeSearchRunner(), searchTimeoutMs, hidden);

const filesWith = (runSearch: RunSearch, searchTimeoutMs: number, hidden: readonly string[]): WorkspaceFiles => {
  const reallyHidden = (): Promise<string[]> => Promise.all(hidden.map((path) => realpath(path).catch(() => path)));
  const locate = async (root: string, path: string): Promise<Contained> => {
    const place = await locateAnything(root, path);
    if (isHidden(await reallyHidden(), place.path)) throw refused(path, 'is kept from agents');
    return place;
  };
  return {
    read: async (root, path, { offset, maxBytes, signal }) => {
      refuseAborted(signal);
      const place = await locate(root, path);
      const file = await openContained(place, path);
      try {
        const { size } = await file.stat();
        const head = await readAt(file, 0, SNIFFED_BYTES, signal);
        const bytes = await readAt(file, offset, maxBytes, signal);
        if (isBinary(head) || bytes.includes(0)) throw refused(path, 'is not a text file');
        const { start, end } = wholeCharacters(bytes, bytes.length < maxBytes);
        const endOffset = offset + end;
        return { text: bytes.toString('utf8', start, end), sizeBytes: size, endOffset, truncated: endOffset < size };
      } finally {
        await file.close();
      }
    },

    list: async (root, path, { limit, signal }) => {
      refuseAborted(signal);
      const place = await locate(root, path);
      const names: { readonly name: string; readonly kind: Entry['kind'] }[] = [];
      try {
        for await (const entry of await opendir(place.path)) {
          refuseAborted(signal);
          const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'other';
          names.push({ name: entry.name, kind });
        }
      } catch (error) {
        if (error instanceof PortError) throw error;
        throw error instanceof Error && 'code' in error && error.code === 'ENOTDIR'
          ? refused(path, 'is a file, not a directory')
          : fileError(path, error);
      }
      // Whatever was listed, it is only told if it is still the place that was allowed.
      if ((await locate(place.root, shownPath(place.root, place.path))).path !== place.path)
        throw refused(path, 'was moved while it was read');
      names.sort((a, b) => (a.name < b.name ? -1 : 1));
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

const refuseAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new PortError('aborted', 'the work on files was stopped', { retryable: false, cause: signal.reason });
};

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
const readAt = async (file: FileHandle, offset: number, length: number, signal: AbortSignal): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    refuseAborted(signal);
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
};

/** Sizes belong to files alone; one that has gone meanwhile has none. */
const withSize = async (directory: string, entry: Omit<Entry, 'sizeBytes'>): Promise<Entry> => {
  if (entry.kind !== 'file') return entry;
  const found = await lstat(join(directory, entry.name)).catch(() => undefined);
  return found?.isFile() ? { ...entry, sizeBytes: found.size } : entry;
};
