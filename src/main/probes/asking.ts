import { present } from '../../domain/shared/present.ts';
import { type Finding, type HealthProbe, isPortError, type PortErrorCode, type ProbeDepth, reasonOf } from '../../ports/index.ts';

/** How long somebody else may take to answer a probe. */
export const ASKED_MS = 5_000;

/** What the answer shows: words where all is well. */
export type Answer = string | Finding | undefined;

export interface Asking {
  readonly id: string;
  readonly depth: ProbeDepth;
  readonly gateway?: string;
  readonly unreadyFrom?: HealthProbe['unreadyFrom'] | undefined;
  /** Default: 5 seconds. */
  readonly limitMs?: number | undefined;
  /** What it is told as where it fails, or takes longer. */
  readonly broken: 'skipped' | 'warn' | 'fail';
  readonly where?: string | undefined;
  /** What to do about a failure of that kind. `own`: what the failure itself says of that. */
  readonly help: (code: PortErrorCode, own?: string) => string;
  readonly ask: (signal: AbortSignal) => Answer | Promise<Answer>;
}

/** A probe that asks, and says how to mend what failed. */
export const asking = ({ id, depth, gateway, unreadyFrom, limitMs = ASKED_MS, broken, where, help, ask }: Asking): HealthProbe => ({
  id,
  depth,
  ...present({ gateway, unreadyFrom }),
  limitMs,
  late: { status: broken, fixHint: help('timeout'), ...present({ where }) },
  probe: async (signal) => {
    try {
      const found = await ask(signal);
      return typeof found === 'string' ? { status: 'ok', message: found } : found;
    } catch (error) {
      const [code, own] = isPortError(error) ? [error.code, error.help] : (['unknown'] as const);
      return { status: broken, message: reasonOf(error), fixHint: help(code, own), ...present({ where }) };
    }
  },
});

/** A probe of what is not configured: it says so, and how to have it. */
export const notConfigured = (id: string, message: string, fixHint: string): HealthProbe => ({
  id,
  // Left out where only what runs is told.
  depth: 'cheap',
  limitMs: ASKED_MS,
  late: { status: 'warn' },
  probe: async () => ({ status: 'skipped', message, fixHint }),
});
