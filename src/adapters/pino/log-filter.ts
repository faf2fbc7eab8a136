export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Which lines of a log are asked for: those that fit every part that is there. */
export interface LogFilter {
  /** And of its parts: `mcp` finds `mcp.files` as well. */
  readonly area?: string;
  readonly chatId?: string;
  /** Its own lines, and those of the work that they belong to. */
  readonly promiseId?: number;
  /** In ms since 1970. */
  readonly since?: number;
  /** The least. */
  readonly level?: LogLevel;
}

export type LogRecord = Readonly<Record<string, unknown>>;

/** How many pieces of work of one promise are known at most. */
const MAX_TRACES = 1_000;
const SEVERITY: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A line of the log; undefined of what is none. Of a line that was cut off and joined with the next, the next. */
export const parseLogLine = (text: string): { readonly record: LogRecord; readonly isJoined: boolean } | undefined => {
  const whole = recordIn(text);
  if (whole) return { record: whole, isJoined: false };
  const record = recordIn(text.slice(Math.max(1, text.lastIndexOf('{"level":"'))));
  return record && { record, isJoined: true };
};

const recordIn = (text: string): LogRecord | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LogRecord) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Judges lines. Where a promise is asked for, each line is to be `heard` before it is judged, or all lines before any:
 * the beginning of a story does not name the promise yet.
 */
export const makeLogFilter = (filter: LogFilter) => {
  const { area, chatId, promiseId, since, level } = filter;
  const traces = new Set<string>();
  const namesPromise = promiseId === undefined ? undefined : new RegExp(`"promise(?:Id|Ids|s)":\\[?(?:\\d+,)*${promiseId}\\b`);
  const quoted = chatId === undefined ? '' : JSON.stringify(chatId);
  const from = since === undefined ? '' : new Date(since).toISOString();

  const isAbout = ({ promiseId: one, promiseIds, promises }: LogRecord): boolean =>
    one === promiseId || [promiseIds, promises].some((ids) => Array.isArray(ids) && ids.includes(promiseId));

  return {
    /** Whether it can fit, without a look at all of it: most lines of a long log do not. */
    mayFit: (text: string): boolean => {
      if (chatId !== undefined && !text.includes(quoted)) return false;
      if (namesPromise === undefined || namesPromise.test(text)) return true;
      const [, trace = ''] = /"trace":"([^"]{1,64})"/.exec(text) ?? [];
      return traces.has(trace);
    },
    /** Learns which work belongs to the promise that is asked for. */
    heard: (text: string): void => {
      if (!namesPromise?.test(text)) return;
      const { record } = parseLogLine(text) ?? {};
      if (record && isAbout(record) && typeof record.trace === 'string' && traces.size < MAX_TRACES) traces.add(record.trace);
    },
    fits: (record: LogRecord): boolean => {
      const { area: own, trace, time } = record;
      if (area !== undefined && own !== area && !(typeof own === 'string' && own.startsWith(`${area}.`))) return false;
      if (level !== undefined && (SEVERITY[String(record.level)] ?? 0) < (SEVERITY[level] ?? 0)) return false;
      if (since !== undefined && !(typeof time === 'string' && time >= from)) return false;
      if (chatId !== undefined && record.chatId !== chatId) return false;
      return promiseId === undefined || isAbout(record) || (typeof trace === 'string' && traces.has(trace));
    },
  };
};
