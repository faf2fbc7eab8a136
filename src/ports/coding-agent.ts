import type { PermissionDecision, PermissionKind } from '../domain/coding/permission.ts';
import type { Usage } from '../domain/conversation/turn.ts';

export interface CodingLimits {
  /** Replies of its model, or calls of its tools where replies can't be counted. */
  readonly maxTurns: number;
  /** In US dollars. Absent: no limit. An agent whose costs are unknown has none. */
  readonly maxCostUsd?: number;
}

export interface CodingRun {
  readonly instruction: string;
  /** The directory that it works in. Absolute. */
  readonly workspace: string;
  /** The session that it continues. If the agent does not know it any more, it begins a new one. */
  readonly session?: string;
  readonly limits: CodingLimits;
  readonly signal: AbortSignal;
}

export interface CodingHooks {
  /** In a few words, for the people who wait. Never throws. */
  readonly onProgress: (text: string) => void;
  /** `paths` as the agent names them: absolute, or from the workspace. A rejection denies. */
  readonly onPermission: (kind: PermissionKind, title: string, paths: readonly string[]) => Promise<PermissionDecision>;
  /** The session by which the run can be continued if it is cut. The work does not begin before this has settled. */
  readonly onSession?: (session: string) => Promise<void>;
}

/** Something that the agent wanted to do, and was not allowed to. */
export interface CodingDenial {
  readonly title: string;
  readonly reason: string;
}

export interface CodingResult {
  /** What the agent says of its work; may be empty. */
  readonly text: string;
  readonly session: string;
  /** All zero where the agent does not tell. */
  readonly usage: Usage;
  readonly model?: string;
  /** Absent where the agent does not tell. */
  readonly costUsd?: number;
  readonly denials: readonly CodingDenial[];
  /** `limit`: of turns or cost. `refused`: its model declined. `cancelled`: it ended by itself, before it was done. */
  readonly stop: 'end' | 'limit' | 'refused' | 'cancelled';
}

/** An agent that changes code in a directory. */
export interface CodingAgent {
  readonly name: string;
  /**
   * Does what the instruction says. MUST ask `onPermission` before it reads or changes what it may not by itself, and
   * MUST NOT do what is denied. MUST NOT take settings, hooks or servers from the workspace. MUST reject with
   * PortError `aborted` soon after `signal` aborts. When it settles, none of its processes is left.
   */
  run(run: CodingRun, hooks: CodingHooks): Promise<CodingResult>;
}
