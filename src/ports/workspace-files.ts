/**
 * Reads one directory tree. Every path is relative to `root` (absolute); paths in results have `/` between parts.
 *
 * Every method MUST refuse a path that leads outside `root` (by `..`, as an absolute path or through a symbolic link)
 * with PortError `invalid-request` that names the path, before anything outside is read. A missing path is PortError
 * `not-found`.
 */
export interface WorkspaceFiles {
  /** Reads up to `maxBytes` of a text file from byte `offset`. MUST refuse binary files. */
  read(root: string, path: string, options: { offset: number; maxBytes: number; signal: AbortSignal }): Promise<FileText>;
  /**
   * Reads up to `maxBytes` of a file of any kind, from its beginning, as they are: nothing in them is redacted. MUST
   * refuse files that hold private keys.
   */
  readBytes(root: string, path: string, options: { maxBytes: number; signal: AbortSignal }): Promise<FileBytes>;
  /** Lists at most `limit` entries of a directory, sorted by name. */
  list(root: string, path: string, options: { limit: number; signal: AbortSignal }): Promise<Listing>;
  /**
   * Finds lines of text files below `path` that match `pattern`, a JavaScript regular expression; look-aheads and
   * references MAY be refused. MUST skip `.git`, `node_modules`, files named by `.gitignore`, binary files and links,
   * and count the files that it read. MUST NOT hang on a hostile pattern.
   *
   * Searches of one tenant (default: `root`) MUST NOT delay those of another. A search waits for its turn until
   * `signal` aborts; if too many wait, it rejects with PortError `rate-limited`.
   */
  search(root: string, path: string, query: FileQuery, options: { signal: AbortSignal; tenant?: string }): Promise<SearchResult>;
}

export interface FileText {
  readonly text: string;
  readonly sizeBytes: number;
  /** The byte offset at which the text ends, never inside a character. The next read continues there. */
  readonly endOffset: number;
  readonly truncated: boolean;
}
export interface FileBytes {
  readonly bytes: Uint8Array;
  /** Of the whole file. */
  readonly sizeBytes: number;
}
export interface Listing {
  readonly entries: readonly {
    readonly name: string;
    readonly kind: 'file' | 'directory' | 'link' | 'other';
    readonly sizeBytes?: number;
  }[];
  readonly truncated: boolean;
}
export interface FileQuery {
  readonly pattern: string;
  readonly ignoreCase: boolean;
  /** A glob on the relative path (`*.ts`). Default: every file. */
  readonly glob?: string;
  /** The most matches to return; `total` counts all. */
  readonly limit: number;
}
export interface SearchResult {
  readonly matches: readonly { readonly path: string; readonly line: number; readonly text: string }[];
  /** The number of all matching lines. */
  readonly total: number;
  readonly filesMatched: number;
  readonly filesSearched: number;
  readonly filesSkipped: number;
}
