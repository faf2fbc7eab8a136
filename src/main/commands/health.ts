import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, type PingReport } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { pingLines } from './banner.ts';
import { CommandError, EXIT, loadConfigToLook, print, printJson } from './outcome.ts';
import { findRunningBot } from './running-bot.ts';
import { requireData, WHERE_DATA_IS } from './with-context.ts';

export const addHealth = (program: Command): void => {
  program
    .command('health')
    .description('check the stored state; exit code 1 if something is not OK')
    .option('--json', 'as JSON')
    .option('--ping', 'make the running Kept send itself a message through every gateway, and wait for the answers')
    .action(async ({ json, ping }: { json?: boolean; ping?: boolean }) => {
      const { config } = loadConfigToLook(...(ping ? (['KEPT_DATA_DIR'] as const) : WHERE_DATA_IS));
      if (ping) return pingRunning(config, json === true);
      requireData(config);
      const [{ checkHealth }, { makePinoLogger }] = await Promise.all([import('../health.ts'), import('../../adapters/pino/index.ts')]);
      const report = await checkHealth(
        config,
        makePinoLogger({ level: 'error', terminal: 'none', redact: makeRedactor(config.secrets) }).logger,
      );
      if (report.status !== 'healthy') process.exitCode = EXIT.bad;
      if (json) return printJson(report);
      print(`Kept is ${report.status}.`);
      for (const { id, status, message } of report.checks) print(`  ${id.padEnd(18)} ${status.padEnd(7)} ${message}`);
    });
};

const pingRunning = async (config: Config, json: boolean): Promise<void> => {
  const running = await findRunningBot(config);
  if (!running) throw new CommandError(`no bot runs on ${config.dataDir}: start one with ${commandHint('start')}`, 'bot/not-running');
  const { apiToken } = config.http;
  const { requestSelfPing } = await import('../../adapters/terminal/index.ts');
  const reports = await requestSelfPing({ baseUrl: running.url, ...present({ token: apiToken }) });
  if (Object.values(reports).some((report: PingReport) => report.ms === undefined)) process.exitCode = EXIT.bad;
  if (json) return printJson(reports);
  for (const [name, words] of pingLines(reports)) print(`${name.padEnd(13)} ${words}`);
};
