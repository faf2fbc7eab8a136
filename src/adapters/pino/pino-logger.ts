import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import type { WorkScope } from '../../ports/correlation.ts';
import type { LogFields, Logger } from '../../ports/logger.ts';
import type { Redact } from '../../ports/redact.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { makeLogValue } from './log-value.ts';

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Format of the lines on `destination`. Default: `json`. `none` is silent. */
  readonly terminal?: 'pretty' | 'json' | 'none';
  /** Absolute path of a file that JSON lines are added to; made, with its directory, for its owner alone. */
  readonly file?: string;
  /** A file of this size is rotated to `<file>.1`. Default: 10 MB. */
  readonly maxFileBytes?: number;
  /** A file whose first line is this old is rotated as well. Default: 30 days. */
  readonly maxFileAgeMs?: number;
  /** Maximum number of files, the current one included. Default: 5. */
  readonly maxFiles?: number;
  /** Default: standard output. */
  readonly destination?: { write(text: string): unknown };
  /** Says which work a line belongs to; its id is the line's `trace`. Default: none. */
  readonly current?: () => Pick<WorkScope, 'correlationId'> | undefined;
  /** Takes out what no line may hold. */
  readonly redact: Redact;
}

export interface PinoLog {
  readonly logger: Logger;
  /** Why the log file can't be written at the moment. Undefined if it can, or if there is none. */
  fault(): string | undefined;
  close(): Promise<void>;
}

const DEFAULT_FILE_BYTES = 10 * 1024 ** 2;
const DEFAULT_FILES = 5;

/** Names that every line has already; a field of that name gets `_` at its end. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'area', 'trace', 'msg']);

/**
 * Structured logging by pino. Everything that is logged goes through the redactor first: messages, fields, errors and
 * causes. A line never fails its caller; a log file that can't be written is told once on standard error, and in the
 * log once it can. `close` resolves when everything is written; later lines no longer reach the file. Throws PortError
 * `unavailable` when the file can't be opened.
 */
export const makePinoLogger = (options: PinoLoggerOptions): PinoLog => {
  requireNode(process.versions.node);
  const { level, terminal = 'json', destination = process.stdout } = options;
  const file = openFile(options);
  let isClosed = false;
  const prettify = prettyFactory({
    colorize: destination === process.stdout && process.stdout.isTTY,
    ignore: 'pid,area,trace',
    singleLine: true,
    errorLikeObjectKeys: [],
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if area}[{area}] {end}{msg}',
  });
  const write = (line: string): void => {
    if (!isClosed) file?.write(line);
    if (terminal !== 'none') destination.write(terminal === 'pretty' ? prettify(line) : line);
  };
  const root = pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write },
  );
  const clean = makeLogValue(options.redact);

  const loggerFor = (area: string | undefined): Logger => {
    const log = (severity: 'debug' | 'info' | 'warn' | 'error', fields: LogFields, message: string): void => {
      if (!root.isLevelEnabled(severity)) return;
      root[severity](
        { ...present({ area, trace: options.current?.()?.correlationId }), ...named(clean(fields)) },
        oneLine(String(clean(message))),
      );
    };
    return {
      debug: (fields, message) => log('debug', fields, message),
      info: (fields, message) => log('info', fields, message),
      warn: (fields, message) => log('warn', fields, message),
      error: (fields, message) => log('error', fields, message),
      child: (inner) => loggerFor(area === undefined ? inner : `${area}.${inner}`),
    };
  };
  return {
    logger: loggerFor(undefined),
    fault: () => file?.fault(),
    close: async () => {
      if (!isClosed) file?.close();
      isClosed = true;
    },
  };
};

/** A message that holds line breaks can't pass for several lines. */
const oneLine = (text: string): string => text.replaceAll('\n', '\\n');

const named = (fields: unknown): Record<string, unknown> =>
  typeof fields === 'object' && fields !== null
    ? Object.fromEntries(Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value]))
    : { fields };

const openFile = ({
  file,
  maxFileBytes = DEFAULT_FILE_BYTES,
  maxFileAgeMs: maxAgeMs,
  maxFiles = DEFAULT_FILES,
}: PinoLoggerOptions): LogFile | undefined =>
  file === undefined
    ? undefined
    : openLogFile({
        path: file,
        maxBytes: maxFileBytes,
        maxFiles,
        ...present({ maxAgeMs }),
        onFault: (reason) => void process.stderr.write(`kept: the log file can't be written: ${reason}\n`),
        missing: (lines, reason) =>
          `${JSON.stringify({
            level: 'warn',
            time: new Date().toISOString(),
            pid: process.pid,
            lines,
            reason,
            msg: 'lines are missing here: they could not be written',
          })}\n`,
      });
