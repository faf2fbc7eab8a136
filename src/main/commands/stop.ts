import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { CommandError, print, printError } from '../failures.ts';
import { SAME_SIGNAL_MS } from '../signals.ts';
import { askBot, findRunning, pausedReason, type Running, type Stopped, stopProcesses, stoppable } from '../stop-processes.ts';
import { lostSentence, takeLostSupervisor } from '../supervisor/lost.ts';
import { argument, waitOf } from './arguments.ts';
import { loadConfigToLook } from './outcome.ts';

export const STOP_TIMEOUT_MS = 60_000;

export const addStop = (program: Command): void => {
  program
    .command('stop')
    .description('stop the processes that run on this data; work in progress is finished or handed back first')
    .addOption(
      new Option('--timeout <span>', 'how long to wait for the workers, and then for the bot: 45s, 2m, or seconds')
        .argParser(argument(waitOf))
        .default(STOP_TIMEOUT_MS, '60s'),
    )
    .option('--now', 'hand work back at once; kill what has not ended after --timeout: nothing is lost by that')
    .action(({ timeout, now }: { timeout: number; now?: boolean }) =>
      stop(loadConfigToLook('KEPT_DATA_DIR').config, { timeoutMs: timeout, isNow: now === true }),
    );
};

interface StopWords {
  readonly timeoutMs: number;
  readonly isNow: boolean;
}

interface Telling extends StopWords {
  /** What is said where this command ends before they do. */
  readonly leftAlone: string;
}

const stop = async ({ dataDir }: Config, options: StopWords): Promise<void> => {
  const all = await findRunning(dataDir);
  const lost = await takeLostSupervisor(dataDir);
  if (lost) print(lostSentence(lost));
  if (all.length === 0) return print(`Nothing is running on ${dataDir}.`);
  const { ours, refusals } = stoppable(all);
  // Said at once: the others may take a minute.
  if (ours.length > 0) for (const refusal of refusals) printError(`${refusal}.`);
  const { ended, killed, resumed, late } = await stopTelling(dataDir, ours, { ...options, leftAlone: 'They go on ending by themselves.' });
  if (resumed.length > 0) print(`Resumed PID ${pidsOf(resumed)}, which was suspended (SIGSTOP), so that it could end.`);
  if (ended.length > 0) print(`Stopped PID ${pidsOf(ended)}.`);
  if (killed.length > 0) print(`Killed PID ${pidsOf(killed)}, which had not ended after ${options.timeoutMs / 1_000} s.`);
  const problems = [...refusals, ...lateWords(late, options.timeoutMs)];
  if (problems.length > 0) throw new CommandError(problems.join('. '));
};

/**
 * Stops processes, and prints what is waited for. A first Ctrl-C has them give their work back at once. A second one,
 * or the end of the terminal, ends this command, and leaves them to it: the bot, which is asked last, is asked before.
 */
export const stopTelling = async (dataDir: string, all: readonly Running[], { timeoutMs, isNow, leftAlone }: Telling): Promise<Stopped> => {
  const hurried = Promise.withResolvers<void>();
  let hurriedAt = isNow ? 0 : undefined;
  const leave = (signal: NodeJS.Signals): never => {
    askBot(all);
    print(leftAlone);
    process.exit(128 + constants.signals[signal]);
  };
  const onInterrupt = (): void => {
    if (hurriedAt !== undefined && performance.now() - hurriedAt <= SAME_SIGNAL_MS) return;
    if (hurriedAt !== undefined) leave('SIGINT');
    hurriedAt = performance.now();
    print('Work is handed back now. Ctrl-C again leaves the processes to it.');
    hurried.resolve();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', leave).on('SIGHUP', leave);
  try {
    return await stopProcesses(dataDir, all, {
      timeoutMs,
      isNow,
      hurried: hurried.promise,
      onWait: (words) => print(`Waiting for ${words}…`),
      clock: { now: Date.now, sleep: (ms) => sleep(ms) },
    });
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', leave).off('SIGHUP', leave);
  }
};

/** Why processes run on that were asked to end. */
export const lateWords = (late: readonly Running[], timeoutMs: number): readonly string[] => {
  const paused = late.flatMap((one) => pausedReason(one) ?? []);
  const ending = late.filter((one) => pausedReason(one) === undefined);
  return [
    ...paused,
    ...(ending.length > 0
      ? [
          `PID ${pidsOf(ending)} is still running after ${timeoutMs / 1_000} s. It finishes its work or hands it back first; ${commandHint('stop --now')} hands it back now, and kills what does not end`,
        ]
      : []),
  ];
};

const pidsOf = (processes: readonly Running[]): string => processes.map(({ pid }) => pid).join(', ');
