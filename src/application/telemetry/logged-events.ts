import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { logFault, makeEventLog } from './log-events.ts';
import { type EventHub, makeEvents } from './make-events.ts';
import { withoutFloods } from './without-floods.ts';

export interface LoggedEvents extends EventHub {
  /** Logs that a listener threw. */
  onFault(error: unknown): void;
  /** Logs what was only counted so far. Call it before the log is closed. */
  flush(): void;
}

/**
 * Events that the log hears first, and counts where they come in floods. A listener that throws is logged, and the
 * others still hear.
 */
export const makeLoggedEvents = ({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): LoggedEvents => {
  const counting = withoutFloods(logger, clock);
  const log = makeEventLog({ logger: counting.logger, clock });
  const onFault = logFault(counting.logger);
  return {
    ...makeEvents([log.listener], onFault),
    onFault,
    flush: () => {
      log.flush();
      counting.flush();
    },
  };
};
