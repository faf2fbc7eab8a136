import type { PathKind } from './workspace-policy.ts';

/** The sources of the configuration. Nothing else is read: no clock, no network, nothing global. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
  /** The text of a file; undefined if it does not exist. May throw if it can't be read. */
  readonly readFile: (path: string) => string | undefined;
  /** The names in a directory; undefined if it does not exist. May throw if it can't be read. Absent: none exists. */
  readonly listDirectory?: (path: string) => readonly string[] | undefined;
  /** Read in place of the workspace configuration, and named so; what stands beside that one stays. */
  readonly insteadOfWorkspaces?: string;
  readonly kindOf: (path: string) => PathKind;
  /** Whether a package that an operator may install beside Kept is there. Default: it counts as there. */
  readonly hasPackage?: (name: string) => boolean;
  /** Whether a program of this name, or at this absolute path, can be run. Default: it counts as there. */
  readonly hasCommand?: (name: string) => boolean;
}
