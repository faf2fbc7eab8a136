import { isPaused, listProcessLocks } from '../../adapters/system/index.ts';
import { hasLiveLease, makeListProcesses } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { answersPeople, commandHint, keepsPromises } from '../../domain/index.ts';
import { type Clock, type Finding, type HealthProbe, type ProcessesReport, reasonOf, type Storage } from '../../ports/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { placeHere, seenProcesses } from '../seen-processes.ts';
import { nobodyWorks, pausedWords, readStarted } from '../started.ts';
import { asking } from './asking.ts';

type Locks = Awaited<ReturnType<typeof listProcessLocks>>;
type Opened = () => Promise<Pick<Storage, 'stores'>>;

/**
 * Probes of the processes that run on this data: by their locks, and where other machines use the same database, by the
 * register.
 */
export const processProbes = (config: Config, storage: Opened, clock: Pick<Clock, 'now'>): readonly HealthProbe[] => {
  const elsewhere = (locks: Locks): Promise<Elsewhere | undefined> => lookElsewhere(config, locks, storage, clock);
  const probe = (id: string, look: (locks: Locks) => Promise<Finding>): HealthProbe =>
    asking({
      id,
      depth: 'local',
      broken: 'warn',
      where: config.dataDir,
      help: () => `${commandHint('status')} lists what runs on this data`,
      ask: async () => {
        const locks = await listProcessLocks(config.dataDir, { sweeps: false }).catch((error: unknown) => reasonOf(error));
        if (typeof locks === 'string') return { status: 'warn', message: `cannot tell what is running: ${locks}`, where: config.dataDir };
        return look(locks);
      },
    });
  return [
    probe('process.running', async (locks) => running(config, locks, storage, elsewhere)),
    probe('queue.worker', async (locks) => worker(config, locks, storage, elsewhere)),
  ];
};

/** Who lives on other machines, or in other data directories, on the same database. */
interface Elsewhere {
  readonly bots: readonly string[];
  readonly workers: readonly string[];
  /** Whether somebody keeps promises, whom the register need not know. */
  readonly isLeased: boolean;
}
type LookElsewhere = (locks: Locks) => Promise<Elsewhere | undefined>;

/** Undefined where nobody else can be, or the register can't be read: the probe of the database says why. */
const lookElsewhere = async (config: Config, locks: Locks, storage: Opened, clock: Pick<Clock, 'now'>): Promise<Elsewhere | undefined> => {
  if (!config.database) return undefined;
  const report = await registerIn(storage, clock);
  if (!report) return undefined;
  const alive = seenProcesses(locks, report.processes, placeHere(config)).others.filter(({ vitality }) => vitality === 'alive');
  const named = (those: typeof alive): readonly string[] => those.map(({ role, host, pid }) => `${role} on ${host} (PID ${pid})`);
  const workers = named(alive.filter(keepsPromises));
  const isLeased = workers.length === 0 && (await hasLiveLease((await storage()).stores.promises, clock.now()).catch(unknown));
  return { bots: named(alive.filter(answersPeople)), workers, isLeased };
};

const registerIn = async (storage: Opened, clock: Pick<Clock, 'now'>): Promise<ProcessesReport | undefined> => {
  try {
    return await makeListProcesses({ processes: (await storage()).stores.processes, clock })();
  } catch {
    // The probe of the database says why.
    return undefined;
  }
};

const MAX_NAMED = 5;
const namesOf = (names: readonly string[]): string =>
  [...names.slice(0, MAX_NAMED), ...(names.length > MAX_NAMED ? [`${names.length - MAX_NAMED} more`] : [])].join(', ');

/** Who leads, as the register says, for those who are no bot. */
export const leaderOfRegister = (storage: Opened, clock: Pick<Clock, 'now'>): HealthProbe =>
  asking({
    id: 'process.leader',
    depth: 'local',
    broken: 'warn',
    help: () => `see that the database answers, and that a bot runs: ${commandHint('status')}`,
    ask: async () => {
      const report = await registerIn(storage, clock);
      if (!report) return { status: 'skipped', message: "not looked at: the register can't be read; see storage.database" };
      if (report.leader !== undefined) return `${report.leader} leads`;
      if (!report.processes.some((process) => answersPeople(process) && process.vitality === 'alive')) return undefined;
      return {
        status: 'warn',
        message: 'bots run, and none of them leads',
        fixHint: `wait half a minute for the lease of the former leader to end; if it goes on, see ${commandHint('status')} on each machine`,
      };
    },
  });

const running = async ({ dataDir, database }: Config, locks: Locks, storage: Opened, lookThere: LookElsewhere): Promise<Finding> => {
  const names = locks.map(
    ({ role, pid }) => `${role === BOT_LOCK ? (readStarted(dataDir, pid)?.role ?? 'starting') : 'worker'} (PID ${pid})`,
  );
  const detail = names.join(', ') || 'none';
  const paused = locks.filter((one) => isPaused(dataDir, one.role, one));
  if (paused.length > 0) {
    const message = [detail, ...paused.map(({ pid }) => pausedWords(pid))].join('; ');
    return { status: 'warn', message, fixHint: paused.map(({ pid }) => `kill -CONT ${pid}`).join('; ') };
  }
  const elsewhere = await lookThere(locks);
  // Where the register can't be read, work that nobody takes shows as overdue.
  if (database && !elsewhere) return { status: 'ok', message: `${detail} on this machine; others may run elsewhere` };
  if (elsewhere && elsewhere.bots.length > 0) return { status: 'ok', message: `${detail} on this machine; ${namesOf(elsewhere.bots)}` };
  if (locks.some(({ role }) => role === BOT_LOCK) || !(await waitsForBot(storage))) return { status: 'ok', message: detail };
  const start = commandHint('start');
  return { status: 'warn', message: `${detail}; messages wait, and no bot is running: ${start}`, fixHint: `start it with ${start}` };
};

const worker = async ({ dataDir, database }: Config, locks: Locks, storage: Opened, lookThere: LookElsewhere): Promise<Finding> => {
  if (!nobodyWorks(dataDir, locks)) return { status: 'ok', message: 'runs on this machine' };
  const elsewhere = await lookThere(locks);
  if (database && !elsewhere) return { status: 'ok', message: 'none on this machine; others may run elsewhere' };
  if (elsewhere && elsewhere.workers.length > 0) return { status: 'ok', message: namesOf(elsewhere.workers) };
  if (elsewhere?.isLeased)
    return { status: 'ok', message: 'a worker that is not in the register keeps promises: it is of an older version' };
  if (!(await waitsForWorker(storage))) return { status: 'ok', message: 'none runs, and no promise waits' };
  const hasBot = locks.some(({ role }) => role === BOT_LOCK);
  const start = commandHint(hasBot ? 'worker' : 'start');
  return { status: 'warn', message: `promises wait, and no worker is running: ${start}`, fixHint: `start one with ${start}` };
};

/** Where the storage can't be read, its own probe says so. */
const unknown = (): boolean => false;

const waitsForBot = async (storage: Opened): Promise<boolean> => {
  const look = async (): Promise<boolean> => {
    const { stores } = await storage();
    const [messages, outbox] = await Promise.all([stores.messages.stats(), stores.outbox.stats()]);
    return messages.open + outbox.pending > 0;
  };
  return look().catch(unknown);
};

const waitsForWorker = async (storage: Opened): Promise<boolean> => {
  const look = async (): Promise<boolean> => {
    const { stores } = await storage();
    const [promises, schedules] = await Promise.all([stores.promises.stats(), stores.schedules.find({ activeOnly: true, limit: 1 })]);
    return promises.pending + promises.waiting + promises.in_progress + schedules.length > 0;
  };
  return look().catch(unknown);
};
