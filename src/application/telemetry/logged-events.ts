import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { logFault, makeLogEvents } from './log-events.ts';
import { type ContentHub, makeContent } from './make-content.ts';
import { type EventHub, makeEvents } from './make-events.ts';

/** Events that the log hears first. A listener that throws is logged, and the others still hear. */
export const makeLoggedEvents = ({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): EventHub =>
  makeEvents([makeLogEvents({ logger, clock })], logFault(logger));

/** Content, of which a listener that throws is logged. */
export const makeLoggedContent = ({ logger }: { readonly logger: Logger }): ContentHub => makeContent(logFault(logger));
