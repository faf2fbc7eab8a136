import type { FileQuery, SearchResult } from '../../ports/workspace-files.ts';
import type { Contained } from './containment.ts';

/** Requests to a search thread, one at a time, and its answers. */
export interface SearchTask {
  readonly place: Contained;
  readonly query: FileQuery;
  /** Real paths of files and directories that are not searched. */
  readonly hidden: readonly string[];
}
export type SearchAnswer = { readonly result: SearchResult } | { readonly refused: string };
