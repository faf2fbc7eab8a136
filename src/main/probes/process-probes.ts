import { listProcessLocks } from '../../adapters/system/index.ts';
import { hasLiveLease, makeListProcesses, UNREGISTERED_WORKER, within } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { answersPeople, commandHint, keepsPromises, type ListedProcess } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { type Clock, type Finding, type HealthProbe, type ProcessesReport, reasonOf, type Storage } from '../../ports/index.ts';
import { hasStored, isBotLock } from '../data-dir.ts';
import { RELOAD_PROBE, refusalsOf, refusedWords } from '../files-read.ts';
import { placeHere, type SeenHere, seenProcesses } from '../seen-processes.ts';
import { readStarted, suspendedWords } from '../started.ts';
import { findLostSupervisor, lostWords } from '../supervisor/lost.ts';
import { findSupervisor, suspendedOn } from '../supervisor/state-file.ts';
import { asking } from './asking.ts';
import { leaderProbe } from './leader-probe.ts';

type Locks = Awaited<ReturnType<typeof listProcessLocks>>;
type Opened = () => Promise<Pick<Storage, 'stores'>>;

/** What the probes of processes look at. */
export interface ProcessProbesParts {
  readonly config: Config;
  readonly storage: Opened;
  readonly clock: Clock;
  /** The processes that hold a lock on this data. */
  readonly locks?: (() => Promise<Locks>) | undefined;
}

/**
 * Probes of the processes that run on this data, by their locks, and of those of other machines that use the same
 * database, by the register. A lock shows that a process lives; only its heartbeat, that it works.
 */
export const processProbes = (parts: ProcessProbesParts): readonly HealthProbe[] => {
  const { dataDir } = parts.config;
  const { locks: readLocks = () => listProcessLocks(dataDir, { sweeps: false }) } = parts;
  const probe = (id: string, look: (seen: Seen) => Promise<Finding>): HealthProbe =>
    asking({
      id,
      depth: 'local',
      broken: 'warn',
      where: dataDir,
      help: () => `${commandHint('status')} lists what runs on this data`,
      ask: async () => {
        // The register first: a process that starts meanwhile has its lock, and none looks as if it had ended.
        const report = await registerIn(parts);
        const locks = await readLocks().catch((error: unknown) => reasonOf(error));
        if (typeof locks === 'string') return { status: 'warn', message: `cannot tell what is running: ${locks}`, where: dataDir };
        const isShared = parts.config.database !== undefined;
        const seen = seenProcesses(locks, report?.processes ?? [], placeHere(parts.config), { isShared });
        return look({ ...parts, locks, report, ...seen });
      },
    });
  return [probe('process.running', running), probe('queue.worker', worker), refusedProbe(parts.config, readLocks)];
};

/** Whether a process goes on by an older configuration, as what was changed can't be used; nothing where none does. */
const refusedProbe = (config: Config, readLocks: () => Promise<Locks>): HealthProbe =>
  asking({
    id: RELOAD_PROBE,
    depth: 'local',
    broken: 'warn',
    where: config.dataDir,
    help: () => `${commandHint('status')} lists what runs on this data`,
    ask: async () => {
      // That locks can't be read, `process.running` says.
      const locks = await readLocks().catch((): Locks => []);
      const found = refusalsOf(locks, config);
      if (found.length === 0) return undefined;
      return {
        status: 'warn',
        message: refusedWords(found).join(' '),
        where: [...new Set(found.flatMap(({ problems }) => problems.map(({ place }) => place)))].join('; '),
        fixHint: `correct it there: it is taken over by itself within seconds; ${commandHint('config check')} lists every problem`,
      };
    },
  });

/** What is known of all processes. */
interface Seen extends Omit<ProcessProbesParts, 'locks'> {
  readonly locks: Locks;
  /** Undefined where it can't be read: the probe of the database says why. */
  readonly report: ProcessesReport | undefined;
  readonly here: readonly SeenHere[];
  /** Processes without a lock here. */
  readonly others: readonly ListedProcess[];
}

/** How long it waits for the store, within the limit of its probe: what stalls there has a probe of its own. */
const REGISTER_MS = 4_000;

const registerIn = async ({ storage, clock }: Pick<ProcessProbesParts, 'storage' | 'clock'>): Promise<ProcessesReport | undefined> => {
  const read = async (): Promise<ProcessesReport> => makeListProcesses({ processes: (await storage()).stores.processes, clock })();
  return readOr(undefined, clock, REGISTER_MS, read);
};

/** What the store says; `otherwise` where it can't be read, or not in time: its own probe says so. */
const readOr = <T>(otherwise: T, clock: Clock, ms: number, read: () => Promise<T>): Promise<T> =>
  within(
    clock,
    ms,
    read().catch(() => otherwise),
    () => otherwise,
  );

const MAX_NAMED = 5;
const listOf = (words: readonly string[]): string =>
  [...words.slice(0, MAX_NAMED), ...(words.length > MAX_NAMED ? [`${words.length - MAX_NAMED} more`] : [])].join(', ');
const aliveIn = (others: readonly ListedProcess[]): readonly ListedProcess[] => others.filter(({ vitality }) => vitality === 'alive');

/** Who leads, as the register says, for those who are no bot. */
export const leaderOfRegister = (parts: Pick<ProcessProbesParts, 'storage' | 'clock'>): HealthProbe =>
  leaderProbe(async () => {
    const report = await registerIn(parts);
    if (!report) return { status: 'skipped', message: "not looked at: the register can't be read; see storage.database" };
    if (report.leader !== undefined) return `${report.leader} leads`;
    return aliveIn(report.processes).some(answersPeople) ? { without: 'bots run, and none of them leads' } : undefined;
  });

const running = async ({ config: { dataDir, database }, locks, report, others }: Seen): Promise<Finding> => {
  const names = locks.map(
    ({ role, pid }) => `${isBotLock(role) ? (readStarted(dataDir, pid)?.role ?? 'starting') : 'worker'} (PID ${pid})`,
  );
  const detail = names.join(', ') || 'none';
  const supervisor = await findSupervisor(dataDir);
  const suspended = suspendedOn(dataDir, supervisor, locks);
  if (suspended.length > 0) {
    const message = [detail, ...suspended.map(({ pid }) => suspendedWords(pid))].join('; ');
    return { status: 'warn', message, fixHint: suspended.map(({ pid }) => `kill -CONT ${pid}`).join('; ') };
  }
  // Where the register can't be read, work that nobody takes shows as overdue.
  if (database && !report) return { status: 'ok', message: `${detail} on this machine; others may run elsewhere` };
  const bots = aliveIn(others).filter(answersPeople);
  if (bots.length > 0) return { status: 'ok', message: `${detail} on this machine; ${listOf(bots.map(nameOf))}` };
  if (locks.some(({ role }) => isBotLock(role)) || !(database || hasStored(dataDir))) return { status: 'ok', message: detail };
  // Messages of Telegram can't wait here while no bot fetches them: an empty inbox says nothing.
  const start = commandHint(locks.length === 0 ? 'start' : 'bot');
  const lost = supervisor ? undefined : await findLostSupervisor(dataDir);
  const message = [detail, 'no bot is running, and nobody answers', ...(lost ? [lostWords(lost)] : [])].join('; ');
  return { status: 'warn', message, fixHint: `start it with ${start}` };
};

const worker = async ({ config: { dataDir, database }, locks, storage, report, here, others, clock }: Seen): Promise<Finding> => {
  const mine = here.filter(({ lock, entry }) =>
    entry ? keepsPromises(entry) : !isBotLock(lock.role) || readStarted(dataDir, lock.pid)?.role === 'start',
  );
  if (!report && mine.length > 0) return { status: 'ok', message: 'runs on this machine' };
  if (!report && database) return { status: 'ok', message: 'none on this machine; others may run elsewhere' };
  const at = report?.at ?? clock.now();
  const entries = [...mine.flatMap(({ entry }) => entry ?? []), ...aliveIn(others).filter(keepsPromises)];
  const alive = aliveIn(entries);
  if (alive.length > 0) return { status: 'ok', message: listOf(alive.map((entry) => `${nameOf(entry)}, ${lifeWords(entry, at)}`)) };
  const unlisted = mine.find(({ entry }) => !entry);
  if (unlisted)
    return { status: 'ok', message: `PID ${unlisted.lock.pid} runs, and is not in the register: it is starting, or of an older version` };
  if (entries.length > 0)
    return {
      status: 'warn',
      message: `it hangs, or is cut off from the database: ${listOf(entries.map((entry) => `${nameOf(entry)}, ${lifeWords(entry, at)}`))}`,
      fixHint: `see its log (${commandHint('logs --level error')}); if it goes on, restart it: ${commandHint('restart --now')}`,
    };
  const isLeased = (): Promise<boolean> => readOr(false, clock, STORED_MS, async () => hasLiveLease((await storage()).stores.promises, at));
  if (database && (await isLeased())) return { status: 'ok', message: UNREGISTERED_WORKER };
  if (!(await waitsForWorker(storage, clock))) return { status: 'ok', message: 'none runs, and no promise waits' };
  const hasBot = locks.some(({ role }) => isBotLock(role));
  const start = commandHint(hasBot ? 'worker' : 'start');
  return { status: 'warn', message: `promises wait, and no worker is running: ${start}`, fixHint: `start one with ${start}` };
};

/** `worker on alpha (PID 7)` */
const nameOf = ({ role, host, pid }: ListedProcess): string => `${role} on ${host} (PID ${pid})`;
const lifeWords = ({ version, heartbeatAt }: ListedProcess, at: number): string =>
  `version ${version}: its last sign of life was ${durationWords(Math.max(0, at - heartbeatAt))} ago`;

/** What is left of the limit of a probe, behind the register. */
const STORED_MS = 500;

const waitsForWorker = (storage: Opened, clock: Clock): Promise<boolean> =>
  readOr(false, clock, STORED_MS, async () => {
    const { stores } = await storage();
    const [promises, schedules] = await Promise.all([stores.promises.stats(), stores.schedules.find({ activeOnly: true, limit: 1 })]);
    return promises.pending + promises.waiting + promises.in_progress + schedules.length > 0;
  });
