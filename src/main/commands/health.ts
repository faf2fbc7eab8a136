import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { diskAnswers } from '../../adapters/system/index.ts';
import { stripControl } from '../../adapters/terminal/index.ts';
import { type Config, dataDirOf, readProcessConfig } from '../../config/index.ts';
import { commandHint, type HealthCheck, type HealthReport, type HealthStatus, type PingReport } from '../../domain/index.ts';
import { CommandError, EXIT, print } from '../failures.ts';
import { keepAlive } from '../keep-alive.ts';
import { ownServer } from '../own-server.ts';
import { pingLines } from '../ping-lines.ts';
import { requireAnsweringDisk } from './answering-disk.ts';
import { configToLook, loadConfigToLook, printJson } from './outcome.ts';
import { findRunningBot } from './running-bot.ts';
import { requireData, WHERE_DATA_IS } from './with-context.ts';

export const addHealth = (program: Command): void => {
  program
    .command('health')
    .description('check everything that Kept needs; exit code 1 if it is degraded, 2 if it is unhealthy')
    .option('--json', 'as JSON')
    .option('--deep', 'also what costs money, such as a test question to each agent, or starts a program')
    .option('--ping', 'make the running Kept send itself a message through every gateway, and wait for the answers')
    .action(async ({ json, deep, ping }: { json?: boolean; deep?: boolean; ping?: boolean }) => {
      if (ping) {
        await requireAnsweringDisk(HEALTH_EXIT_CODES.unhealthy);
        return pingRunning(loadConfigToLook('KEPT_DATA_DIR').config, json === true);
      }
      const isHung = !(await diskAnswers(dataDirOf()));
      const { config } = configToLook(readProcessConfig(process.env, process.cwd(), { looksAtData: !isHung }), WHERE_DATA_IS);
      if (!isHung) requireData(config, HEALTH_EXIT_CODES.unhealthy);
      const [{ checkHealth }, { makePinoLogger }] = await Promise.all([import('../health.ts'), import('../../adapters/pino/index.ts')]);
      const { logger } = makePinoLogger({ level: 'error', terminal: 'none', redact: makeRedactor(config.secrets) });
      const report = await keepAlive(checkHealth(config, logger, deep ? 'deep' : 'cheap', { isHung }));
      process.exitCode = HEALTH_EXIT_CODES[report.status];
      if (json) return printJson(report);
      print(stripControl(healthLines(report)));
    });
};

/** Degraded is bad; unhealthy is worse, and has the code that a supervisor reads as such. */
export const HEALTH_EXIT_CODES: Readonly<Record<HealthStatus, number>> = { healthy: EXIT.ok, degraded: EXIT.bad, unhealthy: 2 };

/** A line for each check, with the way to mend it below where it is not well; what was skipped comes last. */
export const healthLines = ({ status, checks }: HealthReport): string => {
  const width = Math.max(18, ...checks.map(({ id }) => id.length));
  const line = ({ id, status: state, message, fixHint }: HealthCheck): string => {
    const hint = fixHint === undefined || state === 'ok' ? '' : `\n${' '.repeat(width + 11)}→ ${fixHint}`;
    return `  ${id.padEnd(width)} ${state.padEnd(7)} ${message}${hint}`;
  };
  const skipped = checks.filter((check) => check.status === 'skipped');
  return [`Kept is ${status}.`, ...checks.filter((check) => check.status !== 'skipped').map(line), ...skipped.map(line)].join('\n');
};

const pingRunning = async (config: Config, json: boolean): Promise<void> => {
  const running = await findRunningBot(config);
  if (!running) throw new CommandError(`no bot runs on ${config.dataDir}: start one with ${commandHint('start')}`, 'bot/not-running');
  const { requestSelfPing } = await import('../../adapters/terminal/index.ts');
  const reports = await requestSelfPing(ownServer(config, running.url));
  if (Object.values(reports).some((report: PingReport) => report.ms === undefined)) process.exitCode = EXIT.bad;
  if (json) return printJson(reports);
  for (const [name, words] of pingLines(reports)) print(`${name.padEnd(13)} ${words}`);
};
