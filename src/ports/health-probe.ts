import type { CheckStatus, HealthCheck } from '../domain/health/health.ts';

/** What a probe found, without its id. */
export type Finding = Omit<HealthCheck, 'id'>;

/** Looks at one thing that Kept needs: a server, a disk, a right at a platform. */
export interface HealthProbe {
  /** `area.name`, such as `model.openai`; stable from version to version, and unique in a process. */
  readonly id: string;
  /** `deep`: it costs money, or shows itself to people. It is asked only where somebody wants that. */
  readonly depth: 'cheap' | 'deep';
  /** The longest that it may take, in ms. What takes longer is told as `late`, and aborted. */
  readonly limitMs: number;
  /** What it is told as where it takes longer. */
  readonly late: Extract<CheckStatus, 'warn' | 'fail'>;
  /**
   * MUST resolve to what was found, also to what is not well. A rejection is told as `fail`, with its reason. MUST give
   * up soon after `signal` aborts. MUST NOT change what it looks at. No message, place or hint holds a secret.
   */
  probe(signal: AbortSignal): Promise<Finding>;
}
