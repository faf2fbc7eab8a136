import { makePinoLogger, type PinoLog } from '../adapters/pino/index.ts';
import { systemCorrelation } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { logPath } from './data-dir.ts';
import { redactorOf } from './redactor-of.ts';

/** The log of a process that runs: its file, and the terminal unless it is `quiet`. */
export const openLog = (config: Config, { quiet }: { readonly quiet: boolean }): PinoLog =>
  makePinoLogger({
    level: config.logLevel,
    file: logPath(config.dataDir),
    ...config.log,
    terminal: quiet ? 'none' : process.stdout.isTTY ? 'pretty' : 'json',
    current: systemCorrelation.current,
    redact: redactorOf(config),
  });
