import type { Command } from 'commander';
import { listProcessLocks } from '../../adapters/system/index.ts';
import { placeOf } from '../../adapters/typeorm/postgres/place.ts';
import { type Config, type ConfigProblem, loadProcessConfig } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import type { LiveResult } from '../live-check.ts';
import { findDataDirFault } from '../open-data-dir.ts';
import { EXIT, print, printJson, problemLines } from './outcome.ts';
import { changedSince } from './stale-files.ts';

export const addConfig = (program: Command): void => {
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('read environment, .env and workspace_config.json, and tell every problem at once')
    .option('--json', 'as JSON')
    .option('--live', 'also ask the models, the database, Telegram, the port and the disk; exit code 1 when one of them fails')
    .action(async ({ json, live }: { json?: boolean; live?: boolean }) => {
      const loaded = loadProcessConfig();
      const problems = loaded.ok
        ? [...loaded.value.warnings, ...dataDirProblems(loaded.value), ...(await staleProblems(loaded.value))]
        : loaded.error;
      const ok = !problems.some(({ severity }) => severity === 'error');
      if (!ok) process.exitCode = EXIT.config;
      const asked = live && loaded.ok && ok ? await (await import('../live-check.ts')).checkLive(loaded.value) : undefined;
      const allAnswer = asked?.every((one) => one.ok) ?? true;
      if (!allAnswer) process.exitCode = EXIT.bad;
      if (json) return printJson({ ok: ok && allAnswer, problems, ...(asked ? { live: asked } : {}) });
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
      if (asked) print(`\nAsked:\n${asked.map(liveLine).join('\n')}`);
    });
};

const liveLine = ({ name, ok, detail, hint }: LiveResult): string =>
  `  ${name}: ${ok ? 'ok' : 'FAILED'}, ${detail}${hint === undefined ? '' : `\n    → ${hint}`}`;

/** A running process goes by what it read at its start. */
const staleProblems = async (config: Config): Promise<readonly ConfigProblem[]> =>
  (await listProcessLocks(config.dataDir)).flatMap(({ pid, startedAt }) =>
    changedSince(startedAt, config).map((file) => ({
      place: file,
      problem: `changed after PID ${pid} had started: that process goes by what it read then`,
      hint: `restart it: ${commandHint('stop')}, then ${commandHint('start')}`,
      severity: 'warning' as const,
    })),
  );

const dataDirProblems = ({ dataDir }: Config): readonly ConfigProblem[] => {
  const fault = findDataDirFault(dataDir);
  return fault ? [{ place: 'KEPT_DATA_DIR', ...fault, severity: 'error' }] : [];
};
