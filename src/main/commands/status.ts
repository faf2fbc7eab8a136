import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { isPaused, listProcessLocks, systemClock } from '../../adapters/system/index.ts';
import type { Config, ConfigProblem } from '../../config/index.ts';
import { commandHint, type HealthCheck, keepsPromises } from '../../domain/index.ts';
import type { ProcessesReport } from '../../ports/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { changedSince, staleWords } from '../files-read.ts';
import { placeHere, type SeenProcesses, seenProcesses } from '../seen-processes.ts';
import { nobodyWorks, pausedWords, readStarted, type Started } from '../started.ts';
import { EXIT, loadConfigToLook, print, printJson } from './outcome.ts';
import { entryView, hasBotElsewhere, hereWords, otherLines } from './status-words.ts';
import { hasData } from './with-context.ts';

/** The name of a role, whatever its lock is called. */
const shownRole = (lock: string, started: Started | undefined): string => (lock === BOT_LOCK ? (started?.role ?? 'starting') : 'worker');

/** The checks of the running bot; without one, at least those of the disk. */
const checksOf = async (config: Config): Promise<readonly HealthCheck[]> => {
  if (!existsSync(config.dataDir)) return [];
  const [{ askBot }, { makeDiskProbe }, { makeRunProbes }] = await Promise.all([
    import('../probes/told-by-bot.ts'),
    import('../../adapters/probes/index.ts'),
    import('../../application/index.ts'),
  ]);
  const { dataDir, alertRules } = config;
  const { bot, checks } = await askBot(config);
  const told = [...(bot ? [{ id: 'process.bot', ...bot }] : []), ...checks];
  if (told.some(({ id }) => id === 'storage.disk')) return told;
  const disk = makeDiskProbe({ dataDir, rule: alertRules['storage.disk'] });
  const readings = await makeRunProbes({ clock: systemClock })([disk]);
  return [...told, ...readings.map(({ check: { id, status, message } }) => ({ id, status, message }))];
};

/** `telegram: ok, connected as @kept_bot` */
const inWords = ({ id, status, message }: HealthCheck): string => `${id}: ${status}, ${message}`;

/** What the register says; undefined where nothing was ever stored. */
const registerOf = async (
  config: Config,
  errors: readonly ConfigProblem[],
): Promise<ProcessesReport | { readonly failure: string } | undefined> => {
  if (errors.some(({ place }) => place === 'DATABASE_URL')) return { failure: "DATABASE_URL can't be used" };
  if (!hasData(config)) return undefined;
  return (await import('../read-register.ts')).readRegister(config);
};

const MAX_ENTRIES = 200;
const NOTHING: ProcessesReport = { at: 0, processes: [], restarts: [], restartsWithinMs: 0 };

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .description('show what is running on this data, on every machine; exit code 1 if no bot is')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { config, errors } = loadConfigToLook('KEPT_DATA_DIR');
      const { dataDir } = config;
      const isElsewhere = config.database !== undefined || errors.some(({ place }) => place === 'DATABASE_URL');
      const [processes, checks, register] = await Promise.all([listProcessLocks(dataDir), checksOf(config), registerOf(config, errors)]);
      const failure = register && 'failure' in register ? register.failure : undefined;
      const report = register && !('failure' in register) ? register : NOTHING;
      const place = placeHere(config);
      const seen = seenProcesses(processes, report.processes, place);
      const bot = processes.find(({ role }) => role === BOT_LOCK);
      const started = bot && readStarted(dataDir, bot.pid);
      const running = bot !== undefined || hasBotElsewhere(seen);
      if (!running) process.exitCode = EXIT.bad;
      const stale = processes.map((one) => ({ pid: one.pid, files: changedSince(one, config) })).filter(({ files }) => files.length > 0);
      if (json)
        return printJson({
          running,
          dataDir,
          ...(started ? { bot: started } : {}),
          processes: processes.map(({ role, pid, startedAt }) => ({
            role: shownRole(role, started),
            pid,
            startedAt: new Date(startedAt).toISOString(),
            configurationChanged: stale.find((one) => one.pid === pid)?.files ?? [],
          })),
          register: [
            ...seen.here.flatMap(({ entry }) => (entry ? [entryView(entry, true)] : [])),
            ...seen.others.map((entry) => entryView(entry, entry.host === place.host && entry.dataDir === place.dataDir)),
          ].slice(0, MAX_ENTRIES),
          restarts: report.restarts,
          ...(report.leader === undefined ? {} : { leader: report.leader }),
          ...(failure === undefined ? {} : { registerError: failure }),
          checks,
        });
      const findings = checks
        .filter(({ id, status }) => id === 'gateway.telegram' || id === 'config.workspaces' || status !== 'ok')
        .map(inWords);
      const others = otherLines(seen, report, place);
      const unread = failure === undefined ? [] : [`The register of processes can't be read: ${failure}`];
      if (processes.length === 0) {
        const start = running ? '' : ` Start it with ${commandHint('start')}.`;
        return print([...others, ...unread, `Nothing is running on ${dataDir}.${start}`, ...findings].join('\n'));
      }
      const isKnown = register !== undefined && failure === undefined;
      for (const here of seen.here) print(hereWords(here, shownRole(here.lock.role, started), isKnown));
      for (const one of processes) if (isPaused(dataDir, one.role, one)) print(`${pausedWords(one.pid)}.`);
      for (const { files, pid } of stale) print(staleWords(files, pid));
      for (const line of [...others, ...unread]) print(line);
      if (started?.standsByFor !== undefined) print(`standing by: ${started.standsByFor} answers`);
      if (started?.url !== undefined) print(`page and API at ${started.url}, model ${started.model}`);
      for (const finding of findings) print(finding);
      if ((!isElsewhere || isKnown) && nobodyWorks(dataDir, processes) && !hasWorker(seen))
        print(`No worker is running: promises wait. Start one with ${commandHint('worker')}.`);
      if (running) return;
      // Where the register can't be read, a bot on another machine may answer.
      if (isElsewhere && !isKnown) print('No bot is running on this machine.');
      else print(`No bot is running: promises are kept, but nobody answers, and results wait. Start one with ${commandHint('bot')}.`);
    });
};

const hasWorker = ({ others }: SeenProcesses): boolean => others.some((entry) => entry.vitality === 'alive' && keepsPromises(entry));
