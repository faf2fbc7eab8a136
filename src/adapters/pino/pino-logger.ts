import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination as openFile, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogFields, Logger } from '../../ports/logger.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import { makeLogValue } from './log-value.ts';
import { makeRedactor } from './redact.ts';

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** How lines look on `destination`; `json` unless told, `none` for silence. */
  readonly terminal?: 'pretty' | 'json' | 'none';
  /** Absolute path of a file that JSON lines are added to; made, with its directory, for its owner alone. */
  readonly file?: string;
  /** Standard output unless told. */
  readonly destination?: { write(text: string): unknown };
  /** Values that no line may hold. */
  readonly secrets: readonly string[];
}

/** What a file that can't be written may hold back in memory, in UTF-16 units; lines beyond are dropped. */
const MAX_BUFFERED_LENGTH = 1_000_000;

/** Names that every line has already; a field of that name gets `_` at its end. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'area', 'msg']);

/**
 * Structured logging by pino. Everything that is logged goes through the redactor first: messages, fields, errors and causes.
 * A line never fails its caller; a log file that can't be written is told once on standard error. `close` resolves when
 * everything is written; later lines no longer reach the file. Throws PortError `unavailable` when the file can't be opened.
 */
export const makePinoLogger = (options: PinoLoggerOptions): { readonly logger: Logger; readonly close: () => Promise<void> } => {
  const { level, terminal = 'json', destination = process.stdout } = options;
  const file = options.file === undefined ? undefined : openLogFile(options.file);
  let isClosed = false;
  const prettify = prettyFactory({
    colorize: destination === process.stdout && process.stdout.isTTY,
    ignore: 'pid,area',
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
  const clean = makeLogValue(makeRedactor(options.secrets));

  const loggerFor = (area: string | undefined): Logger => {
    const log = (severity: 'debug' | 'info' | 'warn' | 'error', fields: LogFields, message: string): void => {
      if (!root.isLevelEnabled(severity)) return;
      root[severity]({ ...(area === undefined ? {} : { area }), ...named(clean(fields)) }, oneLine(String(clean(message))));
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
    close: async () => {
      isClosed = true;
      file?.end();
    },
  };
};

/** A message that holds line breaks can't pass for several lines. */
const oneLine = (text: string): string => text.replaceAll('\n', '\\n');

const named = (fields: unknown): Record<string, unknown> =>
  typeof fields === 'object' && fields !== null
    ? Object.fromEntries(Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value]))
    : { fields };

const openLogFile = (path: string): ReturnType<typeof openFile> => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Synchronous: the last lines before a crash are the ones that matter.
    const file = openFile({ dest: path, append: true, mode: 0o600, sync: true, maxLength: MAX_BUFFERED_LENGTH });
    if (statSync(path).isFile()) chmodSync(path, 0o600);
    let isTold = false;
    file.on('error', (error: unknown) => {
      if (!isTold) process.stderr.write(`kept: the log file can't be written: ${reasonOf(error)}\n`);
      isTold = true;
    });
    return file;
  } catch (error) {
    throw new PortError('unavailable', `the log file can't be opened: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};
