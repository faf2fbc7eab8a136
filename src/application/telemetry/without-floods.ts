import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Logger } from '../../ports/logger.ts';
import { makeFloodThrottle } from './flood-throttle.ts';

/** So many lines of a kind, such as one for each promise that an outage fails, are worth reading. */
const MOST = 20;
type Grave = 'warn' | 'error';

/**
 * A logger that writes a warning or an error of one area and message twenty times in thirty seconds at most; then a
 * line says how many more there were. Lines of other levels pass.
 */
export const withoutFloods = (logger: Logger, clock: Pick<Clock, 'after'>): Logger => {
  const throttled = (level: Grave) => {
    const passes = makeFloodThrottle(clock, {
      most: MOST,
      more: (message, more, seconds) =>
        logger[level]({ more, seconds }, message === undefined ? 'more of other messages' : `more of the same: ${message}`),
    });
    return (fields: LogFields, message: string): void => {
      if (passes(message)) logger[level](fields, message);
    };
  };
  const children = new Map<string, Logger>();
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: throttled('warn'),
    error: throttled('error'),
    child: (inner) => {
      const known = children.get(inner) ?? withoutFloods(logger.child(inner), clock);
      children.set(inner, known);
      return known;
    },
  };
};
