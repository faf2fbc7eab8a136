import type { Command } from 'commander';
import { EXIT, loadConfigOrThrow, print, printJson } from './outcome.ts';
import { requireData } from './with-root.ts';

export const addHealth = (program: Command): void => {
  program
    .command('health')
    .description('look at the stored state; exit code 1 when something is not well')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const config = loadConfigOrThrow();
      requireData(config);
      const [{ checkHealth }, { makePinoLogger }] = await Promise.all([import('../health.ts'), import('../../adapters/pino/index.ts')]);
      const report = await checkHealth(config, makePinoLogger({ level: 'error', terminal: 'none', secrets: config.secrets }).logger);
      if (report.status !== 'ok') process.exitCode = EXIT.bad;
      if (json) return printJson(report);
      print(`Kept is ${report.status}.`);
      for (const { name, status, detail } of report.checks) print(`  ${name.padEnd(10)} ${status.padEnd(9)} ${detail}`);
    });
};
