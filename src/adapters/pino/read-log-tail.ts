import { present } from '../../domain/index.ts';
import type { LogQuery, LogTail, ReadLogTail, Redact } from '../../ports/index.ts';
import { type LogRecord, makeLogFilter, parseLogLine } from './log-filter.ts';
import { makeLogValue } from './log-value.ts';
import { lookAtLog, readLog } from './read-log.ts';

/** How much of the end is read: first little, then more while too few lines fit. */
const FIRST_BYTES = 256 * 1024;
const MAX_BYTES = 4 * 1024 ** 2;
const GROWTH = 4;

/**
 * Reads the end of a log, as far as a few megabytes. One reader at a time: whoever asks meanwhile waits.
 * `redact` knows the present secrets: keys may have come into the configuration since a line was written.
 */
export const makeReadLogTail = ({ path, redact }: { readonly path: string; readonly redact: Redact }): ReadLogTail => {
  const clean = makeLogValue(redact) as (record: LogRecord) => LogRecord;
  let last: Promise<unknown> = Promise.resolve();

  const read = async ({ limit, unless, ...asked }: LogQuery): Promise<LogTail> => {
    const { state, size } = await lookAtLog(path);
    if (state === unless) return { state, isChanged: false, lines: [], hasMore: false };
    for (let bytes = FIRST_BYTES; ; bytes *= GROWTH) {
      const records = await linesIn(path, asked, bytes);
      const isWhole = size <= bytes;
      if (records.length < limit && !isWhole && bytes < MAX_BYTES) continue;
      const lines = records.slice(-limit).map(clean);
      return { state, isChanged: true, lines, hasMore: !isWhole || records.length > limit };
    }
  };

  return (query) => {
    const found = last.then(() => read(query));
    last = found.catch(() => undefined);
    return found;
  };
};

/** The lines that fit, of the last bytes. */
const linesIn = async (
  path: string,
  { area, level, chatId, promiseId, trace }: Omit<LogQuery, 'limit' | 'unless'>,
  tailBytes: number,
): Promise<readonly LogRecord[]> => {
  const filter = makeLogFilter(present({ area, level, chatId, promiseId, trace }));
  const texts: string[] = [];
  for await (const entry of readLog({ path, tailBytes })) {
    if (entry.type !== 'line') continue;
    texts.push(entry.text);
    filter.heard(entry.text);
  }
  return texts.flatMap((text) => {
    const line = filter.mayFit(text) ? parseLogLine(text) : undefined;
    return line && filter.fits(line.record) ? [line.record] : [];
  });
};
