import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** A command as it is started; see the adapter `child-process`, which does it. */
export interface AgentStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly room: { readonly writable: readonly string[]; readonly guarded: readonly string[]; readonly hidden: readonly string[] };
}

export interface StartedAgent {
  readonly process: ChildProcessWithoutNullStreams;
  readonly started: Promise<void>;
  errors(): string;
  end(): Promise<void>;
}

export type StartAgent = (start: AgentStart) => StartedAgent;
