import type { DatabasesFor } from '../domain/index.ts';
import type { DatabaseEntry } from '../ports/index.ts';

/** Which databases runs may read, and who is told what they read. */
export interface NotionReach {
  readonly databasesFor: DatabasesFor;
  /** Names of the workspaces that a call may choose between, where there is a choice. */
  readonly workspaces?: readonly string[];
  readonly onEntry?: (entry: DatabaseEntry) => void;
  readonly onFailure?: (error: unknown) => void;
}
