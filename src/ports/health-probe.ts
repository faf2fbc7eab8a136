import type { HealthCheck } from '../domain/health/health.ts';
import type { UnreadyFrom } from '../domain/health/readiness.ts';

/** What a probe found, without its id. */
export interface Finding extends Omit<HealthCheck, 'id'> {
  /** What was answered to a test, where one was put. */
  readonly reply?: string;
}

/**
 * How far a probe goes. `local`: it looks at this machine and the store. `cheap`: it asks others, which costs no money.
 * `deep`: it costs money, or starts what does not run; it is asked only where somebody wants that.
 */
export type ProbeDepth = 'local' | 'cheap' | 'deep';

/** Looks at one thing that Kept needs: a server, a disk, a right at a platform. */
export interface HealthProbe {
  /** `area.name`, such as `model.openai`; stable from version to version, and unique in a process. */
  readonly id: string;
  readonly depth: ProbeDepth;
  /** Present where it tells the state of that gateway. */
  readonly gateway?: string;
  /** Present where it tells whether this process is connected to that MCP server: `ok` where it is. */
  readonly mcpServer?: string;
  /** From how bad a finding on this process is not ready to answer people. Absent: it is, whatever is found. */
  readonly unreadyFrom?: UnreadyFrom;
  /** The longest that it may take, in ms. What takes longer is told as `late`, and aborted. */
  readonly limitMs: number;
  /** What it is told as where it takes longer: how bad that is, and what to do then. */
  readonly late: Pick<Finding, 'status' | 'where' | 'fixHint'>;
  /**
   * MUST resolve to what was found, also to what is not well; to undefined where there is nothing to tell, and then no
   * line is told. A rejection is told as `fail`, with its reason. MUST give up soon after `signal` aborts. MUST NOT
   * change what it looks at, but for a value of its own that shows whether it can be written. No message, place or hint
   * holds a secret.
   */
  probe(signal: AbortSignal): Promise<Finding | undefined>;
}
