export { makePinoLogger, type PinoLog, type PinoLoggerOptions } from './pino-logger.ts';
