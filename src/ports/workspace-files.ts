/**
 * Read-only sight of one directory tree. Every path is relative to `root` (absolute) and comes back with `/` between
 * parts.
 */
export interface WorkspaceFiles {
  /** Up to `maxBytes` of a text file from byte `offset`. MUST refuse binary files. */
  read(root: string, path: string, options: { offset: number; maxBytes: number; signal: AbortSignal }): Promise<FileText>;
  /** Entries of a directory, names in order; at most `limit`. */
  list(root: string, path: string, options: { limit: number; signal: AbortSignal }): Promise<Listing>;
  /**
   * Lines of text files below `path` that match `pattern` (a JavaScript regular expression; look-aheads and references
   * MAY be refused).
   * MUST skip `.git`, `node_modules`, what `.gitignore` files name, binary files and links, and say how many files it
   * read.
   * MUST NOT hang on a hostile pattern. Searches are shared fairly among tenants (`root`, where none is given): one
   * tenant's searches MUST NOT hold up those of another. Waits within `signal`; too many waiting ones are PortError
   * `rate-limited`.
   */
  search(root: string, path: string, query: FileQuery, options: { signal: AbortSignal; tenant?: string }): Promise<SearchResult>;
}

/**
 * Containment, for all three: a path that leads outside `root`, by `..`, as an absolute path or through a symbolic
 * link, MUST be refused with PortError `invalid-request` that names the path, before anything outside is read. A
 * missing path is PortError `not-found`.
 */
export interface FileText {
  readonly text: string;
  readonly sizeBytes: number;
  /** Where the text ends: the byte offset to read on from, never inside a character. */
  readonly endOffset: number;
  readonly truncated: boolean;
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
  /** A glob on the relative path (`*.ts`); absent means every file. */
  readonly glob?: string;
  /** Matches returned at the most; `total` counts on. */
  readonly limit: number;
}
export interface SearchResult {
  readonly matches: readonly { readonly path: string; readonly line: number; readonly text: string }[];
  /** Matching lines in all. */
  readonly total: number;
  readonly filesMatched: number;
  readonly filesSearched: number;
  readonly filesSkipped: number;
}
