import { setTimeout as sleep } from 'node:timers/promises';
import { findRunning, type Running, stopProcesses } from './stop-processes.ts';
import { becomeSuccessor } from './successors.ts';
import { awaitTurn } from './supervised.ts';

/** What a process that is held takes the place of. */
export interface Succession {
  readonly running: readonly Running[];
  readonly timeoutMs: number;
  readonly isNow: boolean;
}

/** From here on nothing keeps the process that is held from its begin but `dismiss`. */
export type SuccessionWord = { readonly kept: 'succeed'; readonly to: Succession } | { readonly kept: 'dismiss' };

/**
 * Waits until this process, which is held, is to begin. Where the command that restarts Kept is cut off once it has
 * begun to end what runs, this process ends the rest, and begins. False where it is not to begin, as when it is asked
 * to end before.
 */
export const awaitSuccession = async (dataDir: string, ended: Promise<void>): Promise<boolean> => {
  await becomeSuccessor(dataDir);
  return Promise.race([awaitOwnTurn(dataDir), ended.then(() => false)]);
};

const awaitOwnTurn = async (dataDir: string): Promise<boolean> => {
  let succession: Succession | undefined;
  const onWord = (word: SuccessionWord): void => {
    if (word.kept === 'succeed') succession = word.to;
    if (word.kept === 'dismiss') succession = undefined;
  };
  process.on('message', onWord);
  const isTold = await awaitTurn();
  process.off('message', onWord);
  return isTold || (succession !== undefined && (await takeOver(dataDir, succession)));
};

const takeOver = async (dataDir: string, { running, timeoutMs, isNow }: Succession): Promise<boolean> => {
  const isOld = ({ pid, startedAt }: Running): boolean => running.some((old) => old.pid === pid && old.startedAt === startedAt);
  const { late, refusals } = await stopProcesses(dataDir, (await findRunning(dataDir)).filter(isOld), {
    // Nobody else would start anything: it waits for as long as that takes.
    timeoutMs: isNow ? timeoutMs : Infinity,
    isNow,
    asksAgain: false,
    onWait: () => undefined,
    clock: { now: Date.now, sleep: (ms) => sleep(ms) },
  });
  return late.length === 0 && refusals.length === 0;
};
