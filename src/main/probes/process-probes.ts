import { isPaused, listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { type Finding, type HealthProbe, reasonOf, type Storage } from '../../ports/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { nobodyWorks, pausedWords, readStarted } from '../started.ts';
import { asking } from './asking.ts';

type Locks = Awaited<ReturnType<typeof listProcessLocks>>;
type Opened = () => Promise<Pick<Storage, 'stores'>>;

/** Probes of the processes that run on this data, by their locks. */
export const processProbes = (config: Config, storage: Opened): readonly HealthProbe[] => {
  const probe = (id: string, look: (locks: Locks) => Promise<Finding>): HealthProbe =>
    asking({
      id,
      depth: 'local',
      broken: 'warn',
      where: config.dataDir,
      help: () => `${commandHint('status')} lists what runs on this data`,
      ask: async () => {
        const locks = await listProcessLocks(config.dataDir).catch((error: unknown) => reasonOf(error));
        if (typeof locks === 'string') return { status: 'warn', message: `cannot tell what is running: ${locks}`, where: config.dataDir };
        return look(locks);
      },
    });
  return [
    probe('process.running', (locks) => running(config, locks, storage)),
    probe('queue.worker', (locks) => worker(config, locks, storage)),
  ];
};

const running = async ({ dataDir, database }: Config, locks: Locks, storage: Opened): Promise<Finding> => {
  const names = locks.map(
    ({ role, pid }) => `${role === BOT_LOCK ? (readStarted(dataDir, pid)?.role ?? 'starting') : 'worker'} (PID ${pid})`,
  );
  const detail = names.join(', ') || 'none';
  const paused = locks.filter((one) => isPaused(dataDir, one.role, one));
  if (paused.length > 0) {
    const message = [detail, ...paused.map(({ pid }) => pausedWords(pid))].join('; ');
    return { status: 'warn', message, fixHint: paused.map(({ pid }) => `kill -CONT ${pid}`).join('; ') };
  }
  // On PostgreSQL, processes on other machines may work: work that nobody takes shows as overdue.
  if (database) return { status: 'ok', message: `${detail} on this machine; others may run elsewhere` };
  if (locks.some(({ role }) => role === BOT_LOCK) || !(await waitsForBot(storage))) return { status: 'ok', message: detail };
  const start = commandHint('start');
  return { status: 'warn', message: `${detail}; messages wait, and no bot is running: ${start}`, fixHint: `start it with ${start}` };
};

const worker = async ({ dataDir, database }: Config, locks: Locks, storage: Opened): Promise<Finding> => {
  if (!nobodyWorks(dataDir, locks)) return { status: 'ok', message: 'runs on this machine' };
  if (database) return { status: 'ok', message: 'none on this machine; others may run elsewhere' };
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
