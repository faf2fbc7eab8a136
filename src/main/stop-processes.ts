import { findStranger, isPaused, type LockHolder, listProcessLocks, OTHER_USER } from '../adapters/system/index.ts';
import { type Drain, drainWords } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import { isBotLock } from './data-dir.ts';
import { readRunNote } from './run-note.ts';
import { SAME_SIGNAL_MS } from './signals.ts';
import { suspendedWords } from './started.ts';
import { findSuccessors } from './successors.ts';
import { findSupervisor, type SeenSupervisor, SUPERVISOR_LOCK, supervisorDir } from './supervisor/state-file.ts';

/** A process, and the lock by which it is known. */
export interface Running extends LockHolder {
  readonly dir: string;
  /** The name of its lock. */
  readonly role: string;
  /** Whether a supervisor sees to its end. */
  readonly isSupervised: boolean;
  /** Of a supervisor: whether it ends already. */
  readonly isEnding?: boolean;
}

/** Everything that runs on this data, or waits to, the supervisor first. */
export const findRunning = async (dataDir: string): Promise<readonly Running[]> => {
  const [supervisor, locks] = await Promise.all([findSupervisor(dataDir), listProcessLocks(dataDir)]);
  const supervised = new Set(supervisor ? locks.filter((lock) => readRunNote(dataDir, lock)?.startedBy === 'supervisor') : []);
  return [
    ...(supervisor ? [asRunning(dataDir, supervisor)] : []),
    ...locks.map((lock) => ({ ...lock, dir: dataDir, isSupervised: supervised.has(lock) })),
    ...(await findSuccessors(dataDir, supervisor, locks)).map((lock) => ({ ...lock, dir: supervisorDir(dataDir), isSupervised: false })),
  ];
};

const asRunning = (dataDir: string, { pid, startedAt, state }: SeenSupervisor): Running => ({
  pid,
  startedAt,
  dir: supervisorDir(dataDir),
  role: SUPERVISOR_LOCK,
  isSupervised: false,
  isEnding: state?.phase === 'stopping',
});

export interface StopOptions {
  /** How long to wait for the end of the workers, and then of the bot. */
  readonly timeoutMs: number;
  /** Work is given back at once; what has not ended in time is killed. */
  readonly isNow: boolean;
  /** Settles when work is to be given back at once after all. */
  readonly hurried?: Promise<unknown>;
  /** Whether those that end already are asked, too, which hurries them. Default: they are. */
  readonly asksAgain?: boolean;
  /** Told what is waited for, as it changes. */
  readonly onWait: (words: string) => void;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** Default: that of this machine. */
  readonly signal?: Signal;
}

type Signal = (pid: number, signal: NodeJS.Signals | 0) => void;
const systemSignal: Signal = (pid, signal) => void process.kill(pid, signal);

export interface Stopped {
  readonly ended: readonly Running[];
  readonly killed: readonly Running[];
  /** Those that were suspended: nothing that is suspended can end. */
  readonly resumed: readonly Running[];
  /** Why the others run on, in sentences. */
  readonly refusals: readonly string[];
  /** Those that did not end in time. */
  readonly late: readonly Running[];
  /** When the last bot ceased to answer; absent where there was none, or it has not ended. */
  readonly silentSince?: number;
}

const POLL_MS = 50;
/** Nothing is told of processes that end within this time, and then as often, where nothing changes. */
const TELL_AFTER_MS = 1_000;
const TELL_EACH_MS = 5_000;
/** The system may take so long to end what was killed. */
const KILL_MS = 2_000;

const isBot = ({ role }: Running): boolean => isBotLock(role);
const isSupervisor = ({ role }: Running): boolean => role === SUPERVISOR_LOCK;

/**
 * Ends what runs on this data, and nothing else. First whoever supervises is asked, and the workers, whose results the
 * bot still delivers; then the bot. What is suspended is resumed for that.
 */
export const stopProcesses = async (dataDir: string, all: readonly Running[], options: StopOptions): Promise<Stopped> => {
  const { isNow, clock, asksAgain = true, signal = systemSignal } = options;
  const { ours, refusals } = stoppable(all, signal);
  const asked = new Map<Running, number>();
  const twice = new Set<Running>();
  const killed = new Set<Running>();
  const late: Running[] = [];
  let isHurried = isNow;
  let silentSince: number | undefined;
  options.hurried?.then(() => {
    isHurried = true;
  });
  const ask = (one: Running): void => {
    if (asksAgain || !(one.isEnding ?? readRunNote(dataDir, one)?.drain)) terminate(one, 'SIGTERM', signal);
    asked.set(one, clock.now());
  };
  const hurry = (): void => {
    for (const [one, at] of asked) {
      if (!isHurried || twice.has(one) || clock.now() - at <= SAME_SIGNAL_MS + 50) continue;
      twice.add(one);
      terminate(one, 'SIGTERM', signal);
    }
  };
  const kill = (some: readonly Running[]): void => {
    for (const one of some.filter((each) => !killed.has(each))) if (terminate(one, 'SIGKILL', signal) === undefined) killed.add(one);
  };
  const resumed = ours.filter((one) => pausedReason(one) !== undefined && terminate(one, 'SIGCONT', signal) === undefined);
  const askedByUs = ours.filter((one) => !one.isSupervised);
  const steps = [
    { asks: askedByUs.filter((one) => !isBot(one)), awaits: ours.filter((one) => !isBot(one) && !isSupervisor(one)) },
    { asks: askedByUs.filter(isBot), awaits: ours.filter((one) => isBot(one) || isSupervisor(one)) },
  ];
  for (const { asks, awaits } of steps) {
    const begunAt = clock.now();
    const deadline = begunAt + options.timeoutMs;
    for (const one of asks) ask(one);
    const tell = makeTeller(dataDir, options, begunAt);
    let seenAt = begunAt;
    let left = await alive(awaits);
    for (;;) {
      if (awaits.some(isBot)) silentSince ??= silentFrom(dataDir, left.filter(isBot), seenAt);
      const now = clock.now();
      if (left.length === 0 || now >= deadline + (isNow ? KILL_MS : 0)) break;
      hurry();
      if (isNow && now >= deadline) kill(left);
      tell(left);
      seenAt = now;
      await clock.sleep(POLL_MS);
      left = await alive(left);
    }
    late.push(...left);
  }
  const ended = ours.filter((one) => !late.includes(one) && !killed.has(one));
  return { ended, killed: [...killed].filter((one) => !late.includes(one)), resumed, refusals, late, ...present({ silentSince }) };
};

/** Since when none of these bots answers; undefined while one does. Those that are gone were seen last at `seenAt`. */
const silentFrom = (dataDir: string, bots: readonly Running[], seenAt: number): number | undefined => {
  const drains = bots.flatMap((bot) => readRunNote(dataDir, bot)?.drain ?? []);
  if (drains.length < bots.length) return undefined;
  return bots.length === 0 ? seenAt : Math.max(...drains.map(({ since }) => since));
};

/** Those that this user can stop, and why the others run on, in sentences. What a supervisor runs ends with it. */
export const stoppable = (
  all: readonly Running[],
  signal: Signal = systemSignal,
): { readonly ours: readonly Running[]; readonly refusals: readonly string[] } => {
  const reasons = new Map(all.filter((one) => !one.isSupervised).map((one) => [one, terminate(one, 0, signal)]));
  const isRefused = (one: Running): boolean => reasons.get(one) !== undefined;
  const supervisor = all.find(isSupervisor);
  return {
    ours: all.filter((one) => !isRefused(one) && !(one.isSupervised && supervisor && isRefused(supervisor))),
    refusals: [...reasons].flatMap(([{ pid }, reason]) => (reason === undefined ? [] : [`PID ${pid} was not stopped: ${reason}`])),
  };
};

/** Asks the bot to end, which is asked last, where nobody will wait until it is its turn. */
export const askBot = (all: readonly Running[]): void => {
  for (const one of all) if (isBot(one) && !one.isSupervised && !readRunNote(one.dir, one)?.drain) terminate(one, 'SIGTERM', systemSignal);
};

/** Why the process that holds a lock does nothing, if that is known. */
export const pausedReason = ({ dir, role, ...holder }: Running): string | undefined =>
  isPaused(dir, role, holder) ? `${suspendedWords(holder.pid)}, and to its end` : undefined;

/**
 * Sends a signal; 0 only looks whether it could be sent. Returns the reason if it was not: the lock says that a process
 * is alive, not that this PID is still the same process.
 */
const terminate = ({ dir, role, ...holder }: Running, name: NodeJS.Signals | 0, signal: Signal): string | undefined => {
  const stranger = findStranger(dir, role, holder);
  if (stranger !== undefined) return stranger;
  try {
    signal(holder.pid, name);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The process has ended in the meantime.
    if (code === 'ESRCH') return undefined;
    if (code === 'EPERM') return OTHER_USER;
    throw error;
  }
};

/** Those of these that still hold their lock. */
const alive = async (some: readonly Running[]): Promise<readonly Running[]> => {
  const dirs = [...new Set(some.map(({ dir }) => dir))];
  const held = (await Promise.all(dirs.map(async (dir) => (await listProcessLocks(dir)).map((lock) => `${dir} ${lock.pid}`)))).flat();
  return some.filter(({ dir, pid }) => held.includes(`${dir} ${pid}`));
};

/** Tells what is waited for: after a second, where that changes, and every five seconds. */
const makeTeller = (dataDir: string, { onWait, clock }: StopOptions, begunAt: number) => {
  let told = '';
  let tellAt = begunAt + TELL_AFTER_MS;
  return (left: readonly Running[]): void => {
    const now = clock.now();
    if (now < begunAt + TELL_AFTER_MS) return;
    const drains = left.flatMap((one) => readRunNote(dataDir, one)?.drain ?? []);
    const work = JSON.stringify(drains.map(({ turns, promises }) => [turns, promises]));
    if (work === told && now < tellAt) return;
    told = work;
    tellAt = now + TELL_EACH_MS;
    const waited = `${Math.round((now - begunAt) / 1_000)} s`;
    const words = drains.some(({ turns, promises }) => turns + promises.length > 0) ? drainWords(together(drains), now) : undefined;
    onWait(words ?? `PID ${left.map(({ pid }) => pid).join(', ')} to finish or give back its work (${waited})`);
  };
};

const together = (drains: readonly Drain[]): Drain => ({
  turns: drains.reduce((sum, { turns }) => sum + turns, 0),
  promises: drains.flatMap(({ promises }) => promises).sort((a, b) => a - b),
  since: Math.min(...drains.map(({ since }) => since)),
  until: Math.max(...drains.map(({ until }) => until)),
});
