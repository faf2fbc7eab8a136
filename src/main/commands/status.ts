import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isPaused, listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint, type HealthCheck } from '../../domain/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { changedSince, staleWords } from '../files-read.ts';
import { nobodyWorks, pausedWords, readStarted, type Started } from '../started.ts';
import { EXIT, loadConfigToLook, print, printJson } from './outcome.ts';

/** The name of a role, whatever its lock is called. */
const shownRole = (lock: string, started: Started | undefined): string => (lock === BOT_LOCK ? (started?.role ?? 'starting') : 'worker');

/** The checks of the running bot; without one, at least those of the disk. */
const checksOf = async (config: Config): Promise<readonly HealthCheck[]> => {
  if (!existsSync(config.dataDir)) return [];
  const [{ askBot }, { makeDiskProbe }] = await Promise.all([import('../probes/told-by-bot.ts'), import('../../adapters/probes/index.ts')]);
  const { bot, checks } = await askBot(config);
  const told = [...(bot ? [{ id: 'process.bot', ...bot }] : []), ...checks];
  if (told.some(({ id }) => id === 'storage.disk')) return told;
  const { status, message } = makeDiskProbe({ dataDir: config.dataDir }).look();
  return [...told, { id: 'storage.disk', status, message }];
};

/** `telegram: ok, connected as @kept_bot` */
const inWords = ({ id, status, message }: HealthCheck): string => `${id}: ${status}, ${message}`;

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .description('show what is running on this data; exit code 1 if no bot is')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { config, errors } = loadConfigToLook('KEPT_DATA_DIR');
      const { dataDir } = config;
      const isElsewhere = config.database !== undefined || errors.some(({ place }) => place === 'DATABASE_URL');
      const processes = await listProcessLocks(dataDir);
      const bot = processes.find(({ role }) => role === BOT_LOCK);
      const started = bot && readStarted(dataDir, bot.pid);
      if (!bot) process.exitCode = EXIT.bad;
      const stale = processes.map((one) => ({ pid: one.pid, files: changedSince(one, config) })).filter(({ files }) => files.length > 0);
      const checks = await checksOf(config);
      if (json)
        return printJson({
          running: bot !== undefined,
          dataDir,
          ...(started ? { bot: started } : {}),
          processes: processes.map(({ role, pid, startedAt }) => ({
            role: shownRole(role, started),
            pid,
            startedAt: new Date(startedAt).toISOString(),
            configurationChanged: stale.find((one) => one.pid === pid)?.files ?? [],
          })),
          checks,
        });
      const findings = checks
        .filter(({ id, status }) => id === 'gateway.telegram' || id === 'config.workspaces' || status !== 'ok')
        .map(inWords);
      if (processes.length === 0)
        return print([`Nothing is running on ${dataDir}. Start it with ${commandHint('start')}.`, ...findings].join('\n'));
      for (const { role, pid, startedAt } of processes)
        print(`${shownRole(role, started)} (PID ${pid}), since ${new Date(startedAt).toISOString()}`);
      for (const one of processes) if (isPaused(dataDir, one.role, one)) print(`${pausedWords(one.pid)}.`);
      for (const { files, pid } of stale) print(staleWords(files, pid));
      if (started?.standsByFor !== undefined) print(`standing by: ${started.standsByFor} answers`);
      if (started?.url !== undefined) print(`page and API at ${started.url}, model ${started.model}`);
      for (const finding of findings) print(finding);
      if (!isElsewhere && nobodyWorks(dataDir, processes))
        print(`No worker is running: promises wait. Start one with ${commandHint('worker')}.`);
      if (bot) return;
      // On PostgreSQL, a bot on another machine may answer; the locks here can't tell.
      if (isElsewhere) print('No bot is running on this machine.');
      else print(`No bot is running: promises are kept, but nobody answers, and results wait. Start one with ${commandHint('bot')}.`);
    });
};
