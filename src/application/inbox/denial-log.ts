import type { AccessRule } from '../../domain/message/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Logger } from '../../ports/logger.ts';

/** One line in this long, however many strangers write. */
const WINDOW_MS = 30_000;

type DenialRule = AccessRule | 'edited-by-another';

/**
 * Logs the first denial at once, and those that follow as counts by rule. Each of them stands in the inbox all the
 * same.
 */
export const makeDenialLog = (deps: { readonly clock: Clock; readonly logger: Logger; readonly level: 'warn' | 'error' }) => {
  let counts: Map<DenialRule, number> | undefined;

  const open = (): void => {
    counts = new Map();
    deps.clock.after(WINDOW_MS, close);
  };
  const close = (): void => {
    const counted = counts ?? new Map();
    counts = undefined;
    if (counted.size === 0) return;
    deps.logger[deps.level]({ denied: Object.fromEntries(counted), seconds: WINDOW_MS / 1_000 }, 'more messages denied');
    open();
  };

  return (rule: DenialRule, facts: LogFields, message: string): void => {
    if (counts) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
      return;
    }
    deps.logger[deps.level]({ rule, ...facts }, message);
    open();
  };
};
