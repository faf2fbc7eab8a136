import { makeLoggedEvents } from '../../src/application/index.ts';
import type { Clock, Logger } from '../../src/ports/index.ts';
import { makeFixedClock } from '../../src/testing/index.ts';

/** Events that are written to a log, as every process writes them. */
export const logged = (logger: Logger, clock: Clock = makeFixedClock()) => makeLoggedEvents({ logger, clock });
