export { type ForgottenLines, forgetLines } from './forget-lines.ts';
export { type LogFilter, type LogLevel, type LogRecord, makeLogFilter, parseLogLine } from './log-filter.ts';
export { makeLogValue } from './log-value.ts';
export { makePinoLogger, type PinoLog, type PinoLoggerOptions } from './pino-logger.ts';
export { makePrettyLine } from './pretty-line.ts';
export { hasLog, type ReadLogEntry, type ReadLogOptions, readLog } from './read-log.ts';
export { makeReadLogTail } from './read-log-tail.ts';
