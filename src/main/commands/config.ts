import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { alertsBeside, type Config, type ConfigProblem, loadProcessConfig } from '../../config/index.ts';
import { ALERT_RULE_IDS, builtInAlertRules, outdatedChats } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import { silentLogger } from '../../ports/index.ts';
import { codingWords, whyClaudeIsMissing } from '../coding-help.ts';
import { pricesAhead, staleProblems, tlsProblems } from '../config-problems.ts';
import { databasePath } from '../data-dir.ts';
import { EXIT, print, problemLines } from '../failures.ts';
import type { LiveResult } from '../live-check.ts';
import { ownModels } from '../model-help.ts';
import { findDataDirFault } from '../open-data-dir.ts';
import { configuredAccess, configuredAccessLines } from './config-access.ts';
import { addConfigPlan } from './config-plan.ts';
import { printJson } from './outcome.ts';

export const addConfig = (program: Command): void => {
  const config = program.command('config').description('check the configuration');
  config
    .command('check')
    .description('read environment, .env and workspace_config.json, and report every problem')
    .option('--json', 'as JSON')
    .option('--live', 'also check that models, database, Telegram, port and disk respond; exit code 1 if one fails')
    .action(async ({ json, live }: { json?: boolean; live?: boolean }) => {
      const loaded = loadProcessConfig();
      const problems = loaded.ok
        ? [
            ...loaded.value.warnings,
            ...dataDirProblems(loaded.value),
            ...tlsProblems(loaded.value),
            ...(await staleProblems(loaded.value)),
            ...(await movedProblems(loaded.value)),
            ...codingProblems(loaded.value),
            ...pricesAhead(loaded.value, Date.now()),
          ]
        : loaded.error;
      const ok = !problems.some(({ severity }) => severity === 'error');
      if (!ok) process.exitCode = EXIT.config;
      const asked = live && loaded.ok && ok ? await (await import('../live-check.ts')).checkLive(loaded.value) : undefined;
      const allAnswer = asked?.every((one) => one.ok) ?? true;
      if (!allAnswer) process.exitCode = EXIT.bad;
      if (json) {
        const access = loaded.ok ? configuredAccess(loaded.value.policy) : {};
        return printJson({ ok: ok && allAnswer, problems, ...access, ...(asked ? { live: asked } : {}) });
      }
      if (problems.length > 0) print(problemLines(problems));
      if (!loaded.ok || !ok) return print(`\nThe configuration has ${plural(problems.length, 'problem')}.`);
      const { workspaceConfigPath, policy, mcp, http, dataDir, database, telegram } = loaded.value;
      print(
        [
          'Configuration OK.',
          `  workspaces  ${policy.workspaces.map(({ name }) => name).join(', ') || 'none'} (${workspaceConfigPath})`,
          ...configuredAccessLines(policy),
          `  models      ${modelWords(loaded.value)}`,
          `  storage     ${await storageWords(database)}`,
          `  data        ${dataDir}`,
          `  telegram    ${telegram ? (telegram.botToken === undefined ? "a person's account" : 'a bot') : 'not used'}`,
          `  coding      ${await codingWords(loaded.value)}`,
          `  mcp         ${mcp.servers.map(({ name }) => name).join(', ') || 'no servers'} (${mcp.path})`,
          `  alerts      ${alertWords(loaded.value)}`,
          `  http        ${http.host}:${http.port}`,
        ].join('\n'),
      );
      if (asked) print(`\nAsked:\n${asked.map(liveLine).join('\n')}`);
    });
  addConfigPlan(config);
};

/** The order of the installation, and what agents ask before it. */
const modelWords = (config: Config): string => {
  const own = ownModels(config);
  const order = config.models.order.join(', then ');
  return own.length === 0 ? order : `${order}; agents name ${own.join(', ')} for themselves`;
};

/** How many rules look, and how many of them are not as they are built in. */
const alertWords = ({ alertRules, workspaceConfigPath }: Config): string => {
  const built = builtInAlertRules();
  const off = ALERT_RULE_IDS.filter((id) => alertRules[id].severity === 'off').length;
  const changed = ALERT_RULE_IDS.filter((id) => alertRules[id].severity !== 'off' && !isDeepStrictEqual(alertRules[id], built[id])).length;
  const words = [
    `${ALERT_RULE_IDS.length - off} rules`,
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(off > 0 ? [`${off} off`] : []),
  ];
  return `${words.join(', ')} (${alertsBeside(workspaceConfigPath)})`;
};

/** Loads the PostgreSQL driver only if PostgreSQL is used. */
const storageWords = async (database: Config['database']): Promise<string> => {
  if (!database) return 'SQLite, in the data directory';
  const { placeOf } = await import('../../adapters/postgres/index.ts');
  return placeOf(database.url);
};

const liveLine = ({ name, ok, detail, hint }: LiveResult): string =>
  `  ${name}: ${ok ? 'ok' : 'FAILED'}, ${detail}${hint === undefined ? '' : `\n    → ${hint}`}`;

/** Groups that became supergroups, and that a workspace still names by the old id. */
const movedProblems = async (config: Config): Promise<readonly ConfigProblem[]> => {
  if (!config.database && !existsSync(databasePath(config.dataDir))) return [];
  const [{ makeAppContext: makeRoot }, { TOKENS }] = await Promise.all([import('../container.ts'), import('../tokens.ts')]);
  const root = makeRoot(config, silentLogger, { asItIs: true, readsOnly: true });
  try {
    const { stores } = await root.get(TOKENS.storage);
    return outdatedChats(config.policy, await stores.chatMoves.list()).map(({ workspace, from, to }) => ({
      place: config.workspaceConfigPath,
      problem: `workspaces.${workspace}.telegram_chat_ids names the group ${from}, which has become the supergroup ${to}`,
      hint: `write ${to} for ${from}, in telegram_groups as well; until then the old id stands for the new one`,
      severity: 'warning' as const,
    }));
  } catch {
    // A database that can't be read is not reported here: `--live` and `kept health` do that.
    return [];
  } finally {
    await root.lifecycle.stop();
  }
};

/** A start tells the same in the log. */
const codingProblems = ({ coding: { agent } }: Config): readonly ConfigProblem[] => {
  const missing = agent?.kind === 'claude-code' ? whyClaudeIsMissing() : undefined;
  return missing === undefined ? [] : [{ place: 'KEPT_CODING_AGENT', ...missing, severity: 'warning' }];
};

const dataDirProblems = ({ dataDir }: Config): readonly ConfigProblem[] => {
  const fault = findDataDirFault(dataDir);
  return fault ? [{ place: 'KEPT_DATA_DIR', ...fault, severity: 'error' }] : [];
};
