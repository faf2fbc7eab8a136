import { once } from 'node:events';
import type { Command } from 'commander';
import type { LogFilter, LogLevel, LogRecord } from '../../adapters/pino/index.ts';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { type ChatId, InvalidValueError, type PromiseId, promiseId } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import { present } from '../../domain/shared/present.ts';
import { logPath } from '../data-dir.ts';
import { CommandError, printError } from '../failures.ts';
import { anyChatOption, argument, choiceOption, limitOf, sinceOf, sinceTime } from './arguments.ts';
import { loadConfigToLook } from './outcome.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly area?: string;
  readonly chat?: ChatId;
  readonly promise?: PromiseId;
  readonly trace?: string;
  readonly since?: string;
  readonly level?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

const SHOWN = 50;
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
};

export const addLogs = (program: Command): void => {
  program
    .command('logs')
    .description('show what the processes of this data directory log, oldest first, over all files of the log')
    .option('--follow', 'then print what comes, until Ctrl-C')
    .option('--area <name>', 'only this part: agents, tools, telegram, promises, …', argument(areaOf))
    .addOption(anyChatOption('only this chat, with all of the work that its messages led to'))
    .option('--promise <id>', 'the whole story of a promise: from the message that it was made of to its delivery', argument(promiseId))
    .option('--trace <id>', 'the whole story of a message, by the trace of its lines, or by the beginning of that', argument(traceOf))
    .option(
      '--since <time>',
      'only what happened since: 2026-11-23, 2026-11-23T09:00, the last 09:00, or a span back from now such as 24h',
      argument(sinceOf),
    )
    .addOption(choiceOption('--level <level>', 'only what is at least so grave', Object.keys(LEVELS)))
    .option(
      '--limit <n>',
      `at most so many of the newest (default: ${SHOWN}; with --promise, --trace, --since or --json: all)`,
      argument(limitOf),
    )
    .option('--json', 'the lines as they are: JSON')
    .action(showLogs);
};

/** `agents`, or a part of one: `mcp.files`. */
const areaOf = (text: string): string => {
  const area = text.trim().toLowerCase();
  if (!/^[a-z][\w.-]{0,99}$/.test(area)) throw new InvalidValueError('an area is a word of the log, such as promises');
  return area;
};

/** The id that lines have as `trace`; also as a promise has it in its metadata. */
const traceOf = (text: string): string => {
  const [, trace] = /^(?:00-)?([0-9a-f]{4,32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/.exec(text.trim().toLowerCase()) ?? [];
  if (trace === undefined) throw new InvalidValueError('a trace has 32 hex digits; the first four are enough');
  return trace;
};

const showLogs = async ({ follow, area, chat, promise, trace, since, level, limit, json = false }: LogsOptions): Promise<void> => {
  const { config } = loadConfigToLook('KEPT_DATA_DIR');
  const { hasLog, makeLogFilter, makeLogValue, makePrettyLine, parseLogLine, readLog } = await import('../../adapters/pino/index.ts');
  const path = logPath(config.dataDir);
  const isThere = await hasLog(path);
  if (!isThere) {
    if (!follow)
      throw new CommandError(`there is no log in ${config.dataDir} yet: start Kept first, or check KEPT_DATA_DIR`, 'logs/missing');
    printError(`There is no log in ${config.dataDir} yet. What is logged will be shown.`);
  }
  const wanted: LogFilter = present({
    area,
    chatId: chat,
    promiseId: promise,
    trace,
    since: since === undefined ? undefined : sinceTime(since, config.timeZone),
    level: level === undefined ? undefined : LEVELS[level],
  });
  const filter = makeLogFilter(wanted);
  const from = { path, ...present({ since: filter.followsWork ? undefined : wanted.since }) };
  if (filter.followsWork) for await (const entry of readLog(from)) if (entry.type === 'line') filter.heard(entry.text);

  // Keys may have come into the configuration since the line was written, and anybody may have written to the file.
  const clean = makeLogValue(makeRedactor(config.secrets)) as (record: LogRecord) => LogRecord;
  const pretty = makePrettyLine({ color: process.stdout.isTTY === true, timeZone: config.timeZone });
  const show = (record: LogRecord): Promise<void> => write(json ? `${JSON.stringify(clean(record))}\n` : pretty(clean(record)));
  const isWholeStory = promise !== undefined || trace !== undefined || since !== undefined;
  const maxLines = limit ?? (json || isWholeStory ? undefined : SHOWN);
  const newest: LogRecord[] = [];
  let isPast = true;
  let matches = 0;
  let unread = 0;
  const reportUnread = (): void => {
    if (unread > 0) printError(`${plural(unread, 'line')} could not be read: cut off, as when a process or the machine is killed.`);
    unread = 0;
  };
  for await (const entry of readLog({ ...from, ...present({ follow: follow ? interrupted() : undefined }) })) {
    if (entry.type === 'end') {
      for (const record of newest.splice(0)) await show(record);
      reportUnread();
      if (isThere && matches === 0) printError(follow ? 'No line of the log matches yet.' : 'No line of the log matches.');
      isPast = false;
    } else if (entry.type === 'cut') unread++;
    else {
      filter.heard(entry.text);
      const line = filter.mayFit(entry.text) || !isWhole(entry.text) ? parseLogLine(entry.text) : null;
      if (line === undefined || line?.isJoined) unread++;
      if (!line || !filter.fits(line.record)) continue;
      matches++;
      if (maxLines === undefined || !isPast) await show(line.record);
      else if (newest.push(line.record) > maxLines) newest.shift();
    }
  }
  reportUnread();
};

const isWhole = (text: string): boolean => text.startsWith('{') && text.endsWith('}');

/** Waits for a slow reader, so that nothing piles up here. */
const write = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

/** Aborts on Ctrl-C. */
const interrupted = (): AbortSignal => {
  const quit = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => quit.abort());
  return quit.signal;
};
