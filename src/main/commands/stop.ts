import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { findStranger, isPaused, type LockHolder, listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { pausedWords } from '../started.ts';
import { argument, waitOf } from './arguments.ts';
import { CommandError, loadConfigToLook, print } from './outcome.ts';

type Holder = LockHolder & { readonly role: string };

export const addStop = (program: Command): void => {
  program
    .command('stop')
    .description('stop the processes that run on this data; work in progress is finished or handed back first')
    .addOption(new Option('--timeout <span>', 'how long to wait: 45s, 2m, or seconds').argParser(argument(waitOf)).default(45_000, '45s'))
    .action(({ timeout }: { timeout: number }) => stop(loadConfigToLook('KEPT_DATA_DIR').config, timeout));
};

const POLL_MS = 50;
/** Print nothing about processes that stop within this time. */
const TELL_AFTER_MS = 1_000;
const TELL_EACH_MS = 5_000;

const stop = async ({ dataDir }: Config, timeoutMs: number): Promise<void> => {
  const processes = await listProcessLocks(dataDir);
  if (processes.length === 0) return print(`Nothing is running on ${dataDir}.`);
  const refusals: string[] = [];
  const ours = processes.filter((holder) => {
    const reason = terminate(dataDir, holder);
    if (reason !== undefined) refusals.push(`PID ${holder.pid} was not stopped: ${reason}`);
    return reason === undefined;
  });
  const left = await waitFor(dataDir, ours, timeoutMs);
  const ended = ours.filter((one) => !left.includes(one));
  if (ended.length > 0) print(`Stopped PID ${pidsOf(ended)}.`);
  const paused = left.filter((one) => isPaused(dataDir, one.role, one));
  refusals.push(...paused.map(({ pid }) => `${pausedWords(pid)}, and to its end`));
  const ending = left.filter((one) => !paused.includes(one));
  if (ending.length > 0)
    refusals.push(
      `PID ${pidsOf(ending)} is still running after ${timeoutMs / 1000} s. It finishes its work or hands it back first; run ${commandHint('stop')} again to hand it back now`,
    );
  if (refusals.length > 0) throw new CommandError(refusals.join('. '));
};

/**
 * Sends SIGTERM. Returns the reason if it was not sent: the lock says that a process is alive, not that this PID is
 * still the same process.
 */
const terminate = (dataDir: string, holder: Holder): string | undefined => {
  const stranger = findStranger(dataDir, holder.role, holder);
  if (stranger !== undefined) return stranger;
  try {
    process.kill(holder.pid, 'SIGTERM');
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The process has ended in the meantime.
    if (code === 'ESRCH') return undefined;
    if (code === 'EPERM') return 'it belongs to another user';
    throw error;
  }
};

/** Processes that did not end in time. */
const waitFor = async (dataDir: string, processes: readonly Holder[], timeoutMs: number): Promise<readonly Holder[]> => {
  const begunAt = Date.now();
  let tellAt = TELL_AFTER_MS;
  let left = processes;
  for (;;) {
    const alive = await listProcessLocks(dataDir);
    left = left.filter(({ pid }) => alive.some((one) => one.pid === pid));
    const waited = Date.now() - begunAt;
    if (left.length === 0 || waited >= timeoutMs) return left;
    if (waited >= tellAt) {
      print(`Waiting for PID ${pidsOf(left)} to finish or hand back its work (${Math.round(waited / 1000)} s)…`);
      tellAt += TELL_EACH_MS;
    }
    await delay(POLL_MS);
  }
};

const pidsOf = (processes: readonly Holder[]): string => processes.map(({ pid }) => pid).join(', ');
