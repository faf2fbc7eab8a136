import type { Command } from 'commander';
import { placeOf } from '../../adapters/typeorm/postgres/place.ts';
import { type Config, type ConfigProblem, loadProcessConfig } from '../../config/index.ts';
import { findDataDirFault } from '../open-data-dir.ts';
import { EXIT, print, printJson, problemLines } from './outcome.ts';

export const addConfig = (program: Command): void => {
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('read environment, .env and workspace_config.json, and tell every problem at once')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const loaded = loadProcessConfig();
      const problems = loaded.ok ? [...loaded.value.warnings, ...dataDirProblems(loaded.value)] : loaded.error;
      const ok = !problems.some(({ severity }) => severity === 'error');
      if (!ok) process.exitCode = EXIT.config;
      if (json) return printJson({ ok, problems });
      if (problems.length > 0) print(problemLines(problems));
      if (!loaded.ok || !ok) return print(`\nThe configuration has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`);
      const { workspaceConfigPath, policy, models, http, dataDir, database, telegram } = loaded.value;
      print(
        [
          'Configuration OK.',
          `  workspaces  ${policy.workspaces.map(({ name }) => name).join(', ') || 'none'} (${workspaceConfigPath})`,
          `  models      ${models.order.join(', then ')}`,
          `  storage     ${database ? placeOf(database.url) : 'SQLite, in the data directory'}`,
          `  data        ${dataDir}`,
          `  telegram    ${telegram ? (telegram.botToken === undefined ? "a person's account" : 'a bot') : 'not used'}`,
          `  http        ${http.host}:${http.port}`,
        ].join('\n'),
      );
    });
};

const dataDirProblems = ({ dataDir }: Config): readonly ConfigProblem[] => {
  const fault = findDataDirFault(dataDir);
  return fault ? [{ place: 'KEPT_DATA_DIR', ...fault, severity: 'error' }] : [];
};
