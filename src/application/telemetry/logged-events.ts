import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { logFault, makeLogEvents } from './log-events.ts';
import { type ContentHub, makeContent } from './make-content.ts';
import { type EventHub, makeEvents } from './make-events.ts';
import { withoutFloods } from './without-floods.ts';

/**
 * Events that the log hears first, and counts where they come in floods. A listener that throws is logged, and the
 * others still hear.
 */
export const makeLoggedEvents = ({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): EventHub => {
  const counted = withoutFloods(logger, clock);
  return makeEvents([makeLogEvents({ logger: counted, clock })], logFault(counted));
};

/** Content, of which a listener that throws is logged. */
export const makeLoggedContent = ({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): ContentHub =>
  makeContent(logFault(withoutFloods(logger, clock)));
