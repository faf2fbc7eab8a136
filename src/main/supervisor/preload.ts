import { mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../adapters/system/index.ts';
import { logsPath } from '../data-dir.ts';
import { type Child, type Heard, spawnChild } from './child.ts';

/** The file that receives what a supervised process prints. */
export const outputPath = (dataDir: string, name: string): string => join(logsPath(dataDir), `${name}.out`);

/** That file; what is there is kept where the process begins again. */
export const openOutput = (path: string, isAgain: boolean): number => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, isAgain ? 'a' : 'w', 0o600);
};

/** The first bot of a supervisor that waits to begin: its code is loaded already. */
export interface PreloadedBot {
  /** Resolves once it is loaded. Rejects with ChildEndedError where it ends before. */
  readonly loaded: Promise<void>;
  /** From where on the file of its output is that of the bot that was taken last, or begun instead. */
  outputFrom(): number;
  /** The bot, once; undefined where it was taken, or has ended. */
  take(hear: Heard): Child | undefined;
}

/**
 * Loads a bot beside the one that runs: that is most of the time of a start, in which nobody would answer. It ends with
 * this process. The workers are loaded later: a machine need not have room for all of them twice.
 */
export const preloadBot = (dataDir: string, program: string): PreloadedBot => {
  const path = outputPath(dataDir, 'bot');
  // The bot that runs still writes there.
  const output = openOutput(path, true);
  const { size } = statSync(path);
  let outputFrom = 0;
  let heard: Heard = { onTold: () => undefined, onDraining: () => undefined, onAlive: () => undefined };
  const child = spawnChild({
    program,
    role: 'bot',
    env: process.env,
    output,
    now: systemClock.now,
    onTold: (fields) => heard.onTold(fields),
    onDraining: (drain) => heard.onDraining(drain),
    onAlive: () => heard.onAlive(),
  });
  let isTaken = false;
  return {
    loaded: child.loaded,
    outputFrom: () => outputFrom,
    take: (hear) => {
      outputFrom = 0;
      if (isTaken || child.hasEnded()) return undefined;
      isTaken = true;
      outputFrom = size;
      heard = hear;
      return child;
    },
  };
};
