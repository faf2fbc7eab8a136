import { prettyFactory } from 'pino-pretty';
import { clockTime } from '../../domain/shared/time.ts';
import type { LogRecord } from './log-filter.ts';

/** Shows a line of the log as words: when, how grave, which process, what part of Kept, what happened. */
export const makePrettyLine = ({
  color,
  timeZone,
}: {
  readonly color: boolean;
  readonly timeZone: string;
}): ((line: LogRecord) => string) => {
  const pretty = prettyFactory({
    colorize: color,
    ignore: 'area,trace',
    singleLine: true,
    errorLikeObjectKeys: [],
    translateTime: false,
    customPrettifiers: { time: (time) => `[${shownTime(String(time), timeZone)}]` },
    messageFormat: '{if area}[{area}] {end}{msg}',
  });
  // What breaks its line could look like a line of its own.
  return (line) => pretty(typeof line.msg === 'string' ? { ...line, msg: line.msg.replaceAll(/\s*[\r\n]\s*/g, ' ') } : line);
};

const shownTime = (time: string, timeZone: string): string => {
  const at = Date.parse(time);
  return Number.isNaN(at) ? 'unknown time' : `${clockTime(at, timeZone)}:${((at % 60_000) / 1_000).toFixed(3).padStart(6, '0')}`;
};
