export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Which lines of a log are asked for: those that fit every part that is there. */
export interface LogFilter {
  /** And of its parts: `mcp` finds `mcp.files` as well. */
  readonly area?: string;
  /** The lines that name it, and those of the work that they belong to. */
  readonly chatId?: string;
  /** The same. */
  readonly promiseId?: number;
  /** The lines of that work; the beginning of its id is enough. */
  readonly trace?: string;
  /** In ms since 1970. */
  readonly since?: number;
  /** The least. */
  readonly level?: LogLevel;
}

export type LogRecord = Readonly<Record<string, unknown>>;

/** How many pieces of work of a chat or a promise are known at most: the newest. */
const MAX_TRACES = 100_000;
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
 * Judges lines. Where `followsWork`, each line is to be `heard` before it is judged, or all lines before any: the
 * beginning of a story does not name its promise yet.
 */
export const makeLogFilter = (filter: LogFilter) => {
  const { area, chatId, promiseId, trace, since, level } = filter;
  const from = since === undefined ? '' : new Date(since).toISOString();
  const subjects = [
    ...(chatId === undefined ? [] : [makeSubject(chatNamed(chatId))]),
    ...(promiseId === undefined ? [] : [makeSubject(promiseNamed(promiseId))]),
  ];
  return {
    followsWork: subjects.length > 0,
    /** Whether it can fit, without a look at all of it: most lines of a long log do not. */
    mayFit: (text: string): boolean =>
      (trace === undefined || traceIn(text).startsWith(trace)) && subjects.every(({ mayHave }) => mayHave(text)),
    /** Learns which work belongs to what is asked for. */
    heard: (text: string): void => {
      for (const subject of subjects) subject.heard(text);
    },
    fits: (record: LogRecord): boolean => {
      const { area: own, time } = record;
      if (area !== undefined && own !== area && !(typeof own === 'string' && own.startsWith(`${area}.`))) return false;
      if (level !== undefined && (SEVERITY[String(record.level)] ?? 0) < (SEVERITY[level] ?? 0)) return false;
      if (since !== undefined && !(typeof time === 'string' && time >= from)) return false;
      if (trace !== undefined && !(typeof record.trace === 'string' && record.trace.startsWith(trace))) return false;
      return subjects.every(({ has }) => has(record));
    },
  };
};

/** How a line names something. */
interface Named {
  /** False: the record can't name it. */
  readonly mayBeIn: (text: string) => boolean;
  readonly isIn: (record: LogRecord) => boolean;
}

const chatNamed = (chatId: string): Named => {
  const quoted = JSON.stringify(chatId);
  return { mayBeIn: (text) => text.includes(quoted), isIn: (record) => record.chatId === chatId };
};

const promiseNamed = (promiseId: number): Named => {
  const field = new RegExp(`"promise(?:Id|Ids|s)":\\[?(?:\\d+,)*${promiseId}\\b`);
  return {
    mayBeIn: (text) => field.test(text),
    isIn: ({ promiseId: one, promiseIds, promises }) =>
      one === promiseId || [promiseIds, promises].some((ids) => Array.isArray(ids) && ids.includes(promiseId)),
  };
};

/** What lines are about: those that name it, and those of the work that a line that names it belongs to. */
const makeSubject = ({ mayBeIn, isIn }: Named) => {
  const traces = new Set<string>();
  return {
    heard: (text: string): void => {
      if (!mayBeIn(text)) return;
      const { record } = parseLogLine(text) ?? {};
      if (!record || !isIn(record) || typeof record.trace !== 'string') return;
      traces.delete(record.trace);
      traces.add(record.trace);
      for (const oldest of traces) {
        if (traces.size <= MAX_TRACES) break;
        traces.delete(oldest);
      }
    },
    mayHave: (text: string): boolean => mayBeIn(text) || traces.has(traceIn(text)),
    has: (record: LogRecord): boolean => isIn(record) || (typeof record.trace === 'string' && traces.has(record.trace)),
  };
};

const traceIn = (text: string): string => /"trace":"([^"]{1,64})"/.exec(text)?.[1] ?? '';
