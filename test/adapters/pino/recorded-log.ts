import { makePinoLogger, type PinoLoggerOptions } from '../../../src/adapters/pino/index.ts';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import type { Logger } from '../../../src/ports/index.ts';

/** Of the shape of a key. Put together here, so that no text of the repository has the shape of a real one. */
export const KEY = `sk-${'aB3'.repeat(32).slice(0, 32)}`;

export const recordLog = (
  options: Partial<PinoLoggerOptions> = {},
): { logger: Logger; written: () => string; lines: () => Record<string, unknown>[] } => {
  let text = '';
  const { logger } = makePinoLogger({
    level: 'debug',
    redact: makeRedactor([]),
    destination: { write: (chunk) => (text += chunk) },
    ...options,
  });
  return {
    logger,
    written: () => text,
    lines: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
};
