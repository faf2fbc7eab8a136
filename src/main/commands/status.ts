import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { listProcessLocks, systemClock } from '../../adapters/system/index.ts';
import type { Config, ConfigProblem } from '../../config/index.ts';
import { drainWords, type HealthCheck, isLooping, type ListedProcess, windowOf } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { ProcessesReport } from '../../ports/index.ts';
import { botOf, hasData } from '../data-dir.ts';
import { EXIT, print } from '../failures.ts';
import { changedSince, refusalsOf } from '../files-read.ts';
import { readRunNote } from '../run-note.ts';
import { placeHere, seenProcesses } from '../seen-processes.ts';
import { nobodyWorks, readStarted } from '../started.ts';
import { findSuccessors } from '../successors.ts';
import { findLostSupervisor, lostView } from '../supervisor/lost.ts';
import { findSupervisor, type SeenSupervisor, suspendedOn } from '../supervisor/state-file.ts';
import { loadConfigToLook, printJson } from './outcome.ts';
import { shownRole, statusLines } from './status-lines.ts';
import { entryView, hasBotElsewhere } from './status-words.ts';

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
  const seen = [...(bot ? [{ id: 'process.bot', ...bot }] : []), ...checks];
  if (seen.some(({ id }) => id === 'storage.disk')) return seen;
  const disk = makeDiskProbe({ dataDir, rule: alertRules['storage.disk'] });
  const readings = await makeRunProbes({ clock: systemClock })([disk]);
  return [...seen, ...readings.map(({ check: { id, status, message } }) => ({ id, status, message }))];
};

/** What the register says; undefined where nothing was ever stored. */
const registerOf = async (
  config: Config,
  errors: readonly ConfigProblem[],
): Promise<ProcessesReport | { readonly failure: string } | undefined> => {
  if (errors.some(({ place }) => place === 'DATABASE_URL')) return { failure: "DATABASE_URL can't be used" };
  if (!hasData(config)) return undefined;
  return (await import('../read-register.ts')).readRegister(config);
};

/**
 * The processes that hold locks, and what the register says. Locks are read on both sides of the register: one that
 * starts meanwhile has its lock, and one that ends meanwhile is over, whatever the register said.
 */
const processesOn = async (config: Config, errors: readonly ConfigProblem[]) => {
  const before = await listProcessLocks(config.dataDir);
  const register = await registerOf(config, errors);
  const processes = await listProcessLocks(config.dataDir);
  if (!register || 'failure' in register) return { processes, register };
  const { host, dataDir } = placeHere(config);
  const ended = before.filter(({ pid }) => !processes.some((one) => one.pid === pid)).map(({ pid }) => pid);
  const isOver = (one: ListedProcess): boolean => one.host === host && one.dataDir === dataDir && ended.includes(one.pid);
  return { processes, register: { ...register, processes: register.processes.filter((one) => !isOver(one)) } };
};

/** A supervisor, for programs. */
const supervisorView = ({ pid, startedAt, state, isSuspended }: SeenSupervisor) => ({
  ...present({ version: state?.version, phase: state?.phase, plan: state?.plan, rolling: state?.rolling }),
  pid,
  startedAt: new Date(startedAt).toISOString(),
  isSuspended,
  processes: (state?.processes ?? []).map(({ since, nextAt, lastEnd, ...one }) => ({
    ...one,
    isLooping: isLooping(one),
    since: new Date(since).toISOString(),
    ...(nextAt === undefined ? {} : { nextAt: new Date(nextAt).toISOString() }),
    ...(lastEnd === undefined ? {} : { lastEnd: { ...lastEnd, at: new Date(lastEnd.at).toISOString() } }),
  })),
});

const MAX_ENTRIES = 200;
const nothingIn = ({ alertRules }: Config): ProcessesReport => ({
  at: 0,
  processes: [],
  restarts: [],
  looping: [],
  restartsWithinMs: windowOf('process.restarts', alertRules['process.restarts']),
});

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .description('show what is running on this data, on every machine; exit code 1 if no bot is')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { config, errors } = loadConfigToLook('KEPT_DATA_DIR');
      const { dataDir } = config;
      const isElsewhere = config.database !== undefined || errors.some(({ place }) => place === 'DATABASE_URL');
      // First: what reads the register takes long to load, and the bot would seem not to answer in time.
      const checks = await checksOf(config);
      const [{ processes, register }, supervisor] = await Promise.all([processesOn(config, errors), findSupervisor(dataDir)]);
      const lost = supervisor ? undefined : await findLostSupervisor(dataDir);
      const successors = await findSuccessors(dataDir, supervisor, processes);
      const now = systemClock.now();
      const suspended = suspendedOn(dataDir, supervisor, processes).map(({ pid }) => pid);
      const drains = processes.flatMap((one) => {
        const drain = readRunNote(dataDir, one)?.drain;
        return drain ? [{ pid: one.pid, drain, words: drainWords(drain, now) }] : [];
      });
      const failure = register && 'failure' in register ? register.failure : undefined;
      const report = register && !('failure' in register) ? register : nothingIn(config);
      const place = placeHere(config);
      const seen = seenProcesses(processes, report.processes, place, { isShared: isElsewhere });
      const bot = botOf(processes);
      const started = bot && readStarted(dataDir, bot.pid);
      const running = bot !== undefined || hasBotElsewhere(seen);
      if (!running) process.exitCode = EXIT.bad;
      const stale = processes.map((one) => ({ pid: one.pid, files: changedSince(one, config) })).filter(({ files }) => files.length > 0);
      const refused = refusalsOf(processes, config);
      if (json)
        return printJson({
          running,
          dataDir,
          ...(started ? { bot: started } : {}),
          ...(supervisor ? { supervisor: supervisorView(supervisor) } : {}),
          ...(lost ? { lostSupervisor: lostView(lost) } : {}),
          successors: successors.map(({ pid, startedAt }) => ({ pid, startedAt: new Date(startedAt).toISOString() })),
          processes: processes.map(({ role, pid, startedAt }) => ({
            role: shownRole(role, started),
            pid,
            startedAt: new Date(startedAt).toISOString(),
            isSuspended: suspended.includes(pid),
            configurationChanged: stale.find((one) => one.pid === pid)?.files ?? [],
            configurationRefused: refused.find((one) => one.pid === pid)?.problems ?? [],
            ...present({ drain: drains.find((one) => one.pid === pid)?.drain }),
          })),
          register: [
            ...seen.here.flatMap(({ entry }) => (entry ? [entryView(entry, true)] : [])),
            ...seen.others.map((entry) => entryView(entry, entry.host === place.host && entry.dataDir === place.dataDir)),
          ].slice(0, MAX_ENTRIES),
          restarts: report.restarts,
          restartsWithinMs: report.restartsWithinMs,
          ...(report.leader === undefined ? {} : { leader: report.leader }),
          ...(failure === undefined ? {} : { registerError: failure }),
          checks,
        });
      const lines = statusLines({
        dataDir,
        place,
        seen,
        report,
        isElsewhere,
        checks,
        stale,
        refused,
        isKnown: register !== undefined && failure === undefined,
        hasBot: running,
        nobodyWorks: nobodyWorks(dataDir, processes),
        suspended,
        successors,
        drains,
        now,
        ...present({ failure, started, supervisor, lost }),
      });
      print(lines.join('\n'));
    });
};
