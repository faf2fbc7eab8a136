import { findStranger, isPaused, type LockHolder, listProcessLocks } from '../adapters/system/index.ts';
import { type Drain, drainWords } from '../domain/index.ts';
import { present } from '../domain/shared/present.ts';
import { isBotLock } from './data-dir.ts';
import { readRunNote } from './run-note.ts';
import { SAME_SIGNAL_MS } from './signals.ts';
import { pausedWords } from './started.ts';
import { findSupervisor, SUPERVISOR_LOCK, supervisorDir } from './supervisor/state-file.ts';

/** A process, and the lock by which it is known. */
export interface Running extends LockHolder {
  readonly dir: string;
  /** The name of its lock. */
  readonly role: string;
  /** Whether a supervisor sees to its end. */
  readonly isSupervised: boolean;
}

/** Everything that runs on this data, the supervisor first. */
export const findRunning = async (dataDir: string): Promise<readonly Running[]> => {
  const [supervisor, locks] = await Promise.all([findSupervisor(dataDir), listProcessLocks(dataDir)]);
  const supervised = new Set(supervisor ? locks.filter((lock) => readRunNote(dataDir, lock)?.startedBy === 'supervisor') : []);
  return [
    ...(supervisor ? [{ ...supervisor, dir: supervisorDir(dataDir), role: SUPERVISOR_LOCK, isSupervised: false }] : []),
    ...locks.map((lock) => ({ ...lock, dir: dataDir, isSupervised: supervised.has(lock) })),
  ];
};

export interface StopOptions {
  readonly timeoutMs: number;
  /** Work is given back at once; what has not ended in time is killed. */
  readonly isNow: boolean;
  /** Settles when work is to be given back at once after all. */
  readonly hurried?: Promise<unknown>;
  /** Told what is waited for, as it changes. */
  readonly onWait: (words: string) => void;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
}

export interface Stopped {
  readonly ended: readonly Running[];
  readonly killed: readonly Running[];
  /** Why the others run on, in sentences. */
  readonly refusals: readonly string[];
  /** Those that did not end in time. */
  readonly late: readonly Running[];
  /** When the bot was asked to end, and ceased to answer; absent where there was none. */
  readonly silentSince?: number;
}

const POLL_MS = 50;
/** Nothing is told of processes that end within this time, and then as often, where nothing changes. */
const TELL_AFTER_MS = 1_000;
const TELL_EACH_MS = 5_000;

/**
 * Ends what runs on this data, and nothing else. First whoever supervises, and the workers, whose results the bot still
 * delivers; then the bot.
 */
export const stopProcesses = async (dataDir: string, all: readonly Running[], options: StopOptions): Promise<Stopped> => {
  const { timeoutMs, isNow, clock } = options;
  const deadline = clock.now() + timeoutMs;
  const refusals: string[] = [];
  const ended: Running[] = [];
  const killed: Running[] = [];
  const late: Running[] = [];
  let isHurried = isNow;
  let silentSince: number | undefined;
  options.hurried?.then(() => {
    isHurried = true;
  });
  const ownBots = (one: Running): boolean => !one.isSupervised && isBotLock(one.role);
  const waves = [all.filter((one) => !ownBots(one)), all.filter(ownBots)];
  for (const wave of waves) {
    const begunAt = clock.now();
    const ours = wave.filter((one) => {
      const reason = one.isSupervised ? undefined : terminate(one);
      if (reason !== undefined) refusals.push(`PID ${one.pid} was not stopped: ${reason}`);
      return reason === undefined;
    });
    const tell = makeTeller(dataDir, options, begunAt);
    let isTwice = false;
    let left = await alive(ours);
    while (left.length > 0 && clock.now() < deadline) {
      if (isHurried && !isTwice && clock.now() - begunAt > SAME_SIGNAL_MS + 50) {
        isTwice = true;
        for (const one of left) if (!one.isSupervised) terminate(one);
      }
      silentSince ??= all.flatMap((one) => (isBotLock(one.role) ? (readRunNote(dataDir, one)?.drain?.since ?? []) : []))[0];
      tell(left);
      await clock.sleep(POLL_MS);
      left = await alive(left);
    }
    if (isNow) for (const one of left) if (terminate(one, 'SIGKILL') === undefined) killed.push(one);
    if (isNow) left = left.filter((one) => !killed.includes(one));
    ended.push(...ours.filter((one) => !left.includes(one) && !killed.includes(one)));
    late.push(...left);
  }
  return { ended, killed, refusals, late, ...present({ silentSince }) };
};

/** Why the process that holds a lock does nothing, if that is known. */
export const pausedReason = ({ dir, role, ...holder }: Running): string | undefined =>
  isPaused(dir, role, holder) ? `${pausedWords(holder.pid)}, and to its end` : undefined;

/**
 * Sends a signal. Returns the reason if it was not sent: the lock says that a process is alive, not that this PID is
 * still the same process.
 */
const terminate = ({ dir, role, ...holder }: Running, signal: NodeJS.Signals = 'SIGTERM'): string | undefined => {
  const stranger = findStranger(dir, role, holder);
  if (stranger !== undefined) return stranger;
  try {
    process.kill(holder.pid, signal);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The process has ended in the meantime.
    if (code === 'ESRCH') return undefined;
    if (code === 'EPERM') return 'it belongs to another user';
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
