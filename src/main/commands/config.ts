import type { Command } from 'commander';
import { loadProcessConfig } from '../../config/index.ts';
import { EXIT, print, printJson, problemLines } from './outcome.ts';

export const addConfig = (program: Command): void => {
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('read environment, .env and workspace_config.json, and tell every problem at once')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }) => {
      const loaded = loadProcessConfig();
      const problems = loaded.ok ? loaded.value.warnings : loaded.error;
      if (!loaded.ok) process.exitCode = EXIT.config;
      if (json) return printJson({ ok: loaded.ok, problems });
      if (problems.length > 0) print(problemLines(problems));
      if (!loaded.ok) return print(`\nThe configuration has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`);
      const { workspaceConfigPath, policy, models, http, dataDir } = loaded.value;
      print(
        [
          'The configuration is well.',
          `  workspaces  ${policy.workspaces.map(({ name }) => name).join(', ') || 'none'} (${workspaceConfigPath})`,
          `  models      ${models.order.join(', then ')}`,
          `  data        ${dataDir}`,
          `  http        ${http.host}:${http.port}`,
        ].join('\n'),
      );
    });
};
