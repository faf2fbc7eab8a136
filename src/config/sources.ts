import type { PathKind } from './workspace-policy.ts';

/** Where configuration comes from. Nothing else is read: no clock, no network, no global. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
  /** The text of a file, or undefined when there is none. May throw when it can't be read. */
  readonly readFile: (path: string) => string | undefined;
  readonly kindOf: (path: string) => PathKind;
}
