import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { listProcessLocks } from '../../adapters/system/index.ts';
import { commandHint } from '../../domain/index.ts';
import { BOT_LOCK, infoPath } from '../data-dir.ts';
import type { Started } from '../run-process.ts';
import { EXIT, loadConfigOrThrow, print, printJson } from './outcome.ts';

/** What the bot with that PID told of itself once it had started; undefined until then. One that crashed has left its own words behind. */
export const readStarted = (dataDir: string, pid: number): Started | undefined => {
  try {
    const started = JSON.parse(readFileSync(infoPath(dataDir), 'utf8')) as Started;
    return started.pid === pid ? started : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whether none of the processes that run on this data keeps promises. One that still starts may. */
export const nobodyWorks = (dataDir: string, processes: readonly { readonly role: string; readonly pid: number }[]): boolean =>
  processes.every(({ role, pid }) => role === BOT_LOCK && readStarted(dataDir, pid)?.role === 'bot');

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .description('say what runs on this data; exit code 1 when no bot does')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { dataDir, database } = loadConfigOrThrow();
      const processes = await listProcessLocks(dataDir);
      const bot = processes.find(({ role }) => role === BOT_LOCK);
      const started = bot && readStarted(dataDir, bot.pid);
      if (!bot) process.exitCode = EXIT.bad;
      if (json) return printJson({ running: bot !== undefined, dataDir, ...(started ? { bot: started } : {}), processes });
      if (processes.length === 0) return print(`Nothing runs on ${dataDir}. Start it with ${commandHint('start')}.`);
      for (const { role, pid, startedAt } of processes)
        print(`${role === BOT_LOCK ? (started?.role ?? 'starting') : 'worker'} (PID ${pid}), since ${new Date(startedAt).toISOString()}`);
      if (started?.standsByFor !== undefined) print(`stands by: ${started.standsByFor} answers`);
      if (started?.url !== undefined) print(`page and API at ${started.url}, model ${started.model}`);
      if (!database && nobodyWorks(dataDir, processes)) print(`No worker runs: promises wait. Start one with ${commandHint('worker')}.`);
      if (bot) return;
      // On PostgreSQL another machine's bot may answer; that is not for the locks here to say.
      if (database) print('No bot runs on this machine.');
      else print(`No bot runs: promises are kept, but nobody answers, and results wait. Start one with ${commandHint('bot')}.`);
    });
};
