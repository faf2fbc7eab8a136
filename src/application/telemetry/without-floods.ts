import type { Clock } from '../../ports/clock.ts';
import type { LogFields, Logger } from '../../ports/logger.ts';
import { type FloodThrottle, makeFloodThrottle } from './flood-throttle.ts';

/** So many lines of a kind, such as one for each promise that an outage fails, are worth reading. */
const MAX_LINES_PER_WINDOW = 20;
/** However long it lasts, one line of each window says what fails, and why, now. */
const MIN_LINES_PER_WINDOW = 1;
type Grave = 'warn' | 'error';

export interface CountingLogger {
  readonly logger: Logger;
  /** Writes the counts so far: a process that ends sees no end of a window. */
  flush(): void;
}

/**
 * A logger that writes a warning or an error of one area and message twenty times in thirty seconds at most; then a
 * line says how many more there were. While there are more, each thirty seconds have one line at least. Lines of other
 * levels pass.
 */
export const withoutFloods = (plain: Logger, clock: Pick<Clock, 'after' | 'now'>): CountingLogger => {
  const throttles: FloodThrottle<string>[] = [];
  const throttled = (inner: Logger, level: Grave) => {
    const throttle = makeFloodThrottle<string>(clock, {
      maxLines: MAX_LINES_PER_WINDOW,
      minLines: MIN_LINES_PER_WINDOW,
      onSuppressed: (message, more, seconds) =>
        inner[level]({ more, seconds }, message === undefined ? 'more of other messages' : `more of the same: ${message}`),
    });
    throttles.push(throttle);
    return (fields: LogFields, message: string): void => {
      if (throttle.passes(message)) inner[level](fields, message);
    };
  };
  const counting = (inner: Logger): Logger => {
    const children = new Map<string, Logger>();
    return {
      debug: (fields, message) => inner.debug(fields, message),
      info: (fields, message) => inner.info(fields, message),
      warn: throttled(inner, 'warn'),
      error: throttled(inner, 'error'),
      child: (area) => {
        const known = children.get(area) ?? counting(inner.child(area));
        children.set(area, known);
        return known;
      },
    };
  };
  return {
    logger: counting(plain),
    flush: () => {
      for (const { flush } of throttles) flush();
    },
  };
};
