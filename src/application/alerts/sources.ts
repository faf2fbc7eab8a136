import type { CheckStatus } from '../../domain/health/health.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Storage } from '../../ports/storage/storage.ts';

/** How a gateway of this process is. */
export interface GatewayState {
  readonly gateway: string;
  readonly status: CheckStatus;
  readonly message: string;
}

/** What was measured over a span of time, in all processes. */
export interface MeasuredSpan {
  /** Runs of agents. */
  readonly runs: number;
  readonly failedRuns: number;
  /** Answers to people. */
  readonly answers: number;
  readonly answersMs: number;
}

/** Where rules read. What is absent is not known here, and its rules say so. */
export interface AlertSources {
  readonly storage: Pick<Storage, 'stores' | 'queue' | 'state'>;
  readonly policy: Pick<AccessPolicy, 'people' | 'workspaces' | 'budget'>;
  /** The gateways of the bot, those that are not well included. */
  readonly gateways: () => Promise<readonly GatewayState[]>;
  readonly measured?: ((since: number, until: number) => Promise<MeasuredSpan>) | undefined;
  /** The disk of the data directory. */
  readonly disk?: (() => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>) | undefined;
  /** When the newest backup was made, else since when one is awaited; undefined: none is kept here. */
  readonly newestBackup?: (() => Promise<{ readonly at: number; readonly isFound: boolean } | undefined>) | undefined;
}
