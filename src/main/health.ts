import { isPaused, listProcessLocks } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { commandHint, type HealthCheck, type HealthReport, summarise } from '../domain/index.ts';
import { type Logger, reasonOf, type Storage } from '../ports/index.ts';
import { botChecks } from './bot-checks.ts';
import { makeAppContext } from './container.ts';
import { BOT_LOCK } from './data-dir.ts';
import { makeDiskCheck } from './disk.ts';
import { nobodyWorks, pausedWords, readStarted } from './started.ts';
import { TOKENS } from './tokens.ts';

/** The composition of `kept health`: checks the stored state, the disk, and the running processes. Creates nothing. */
export const checkHealth = async (config: Config, logger: Logger): Promise<HealthReport> => {
  const { get, lifecycle } = makeAppContext(config, logger, { asItIs: true });
  try {
    const stored = await storedChecks(async () => (await get(TOKENS.commands)).checkHealth());
    const waits = stored[0]?.status === 'fail' ? NOTHING : await waitingIn(await get(TOKENS.storage));
    const running = await runningChecks(config, waits);
    return summarise([...stored, ...running, ...makeDiskCheck(config.dataDir)()]);
  } finally {
    await lifecycle.stop();
  }
};

/** A storage that can't be opened is a finding, too. */
const storedChecks = async (check: () => Promise<HealthReport>): Promise<readonly HealthCheck[]> => {
  try {
    return (await check()).checks;
  } catch (error) {
    return [{ id: 'storage.database', status: 'fail', message: reasonOf(error) }];
  }
};

/** Whether work waits for a bot, and for a worker. */
interface Waiting {
  readonly forBot: boolean;
  readonly forWorker: boolean;
}

const NOTHING: Waiting = { forBot: false, forWorker: false };

const waitingIn = async ({ stores }: Storage): Promise<Waiting> => {
  const [messages, outbox, promises, schedules] = await Promise.all([
    stores.messages.stats(),
    stores.outbox.stats(),
    stores.promises.stats(),
    stores.schedules.find({ activeOnly: true, limit: 1 }),
  ]);
  return {
    forBot: messages.open + outbox.pending > 0,
    forWorker: promises.pending + promises.waiting + promises.in_progress + schedules.length > 0,
  };
};

const runningChecks = async (config: Config, waits: Waiting): Promise<readonly HealthCheck[]> => {
  try {
    const processes = await listProcessLocks(config.dataDir);
    const bot = await botChecks(config, processes);
    return [processCheck(config, processes, waits), ...bot.filter(({ id }) => !SEEN_HERE.has(id))];
  } catch (error) {
    return [{ id: 'process.running', status: 'warn', message: `cannot tell what is running: ${reasonOf(error)}` }];
  }
};

type Processes = Awaited<ReturnType<typeof listProcessLocks>>;

const processCheck = ({ dataDir, database }: Config, processes: Processes, waits: Waiting): HealthCheck => {
  const names = processes.map(
    ({ role, pid }) => `${role === BOT_LOCK ? (readStarted(dataDir, pid)?.role ?? 'starting') : 'worker'} (PID ${pid})`,
  );
  const detail = names.join(', ') || 'none';
  const paused = processes.filter((one) => isPaused(dataDir, one.role, one)).map(({ pid }) => pausedWords(pid));
  const status = paused.length > 0 ? 'warn' : 'ok';
  // On PostgreSQL, processes on other machines may work: work that nobody takes shows as overdue.
  if (database)
    return { id: 'process.running', status, message: [`${detail} on this machine; others may run elsewhere`, ...paused].join('; ') };
  const noBot = !processes.some(({ role }) => role === BOT_LOCK);
  const missing = [
    ...paused,
    ...(noBot && waits.forBot ? [`messages wait, and no bot is running: ${commandHint('start')}`] : []),
    ...(nobodyWorks(dataDir, processes) && waits.forWorker
      ? [`promises wait, and no worker is running: ${commandHint(noBot ? 'start' : 'worker')}`]
      : []),
  ];
  return { id: 'process.running', status: missing.length > 0 ? 'warn' : 'ok', message: [detail, ...missing].join('; ') };
};

/** What this process has looked at itself. */
const SEEN_HERE: ReadonlySet<string> = new Set([
  'storage.database',
  'queue.promises',
  'queue.outbox',
  'model.rests',
  'config.workspaces',
  'storage.disk',
]);
