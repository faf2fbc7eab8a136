import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { logPath } from '../data-dir.ts';
import { CommandError, EXIT, print } from '../failures.ts';
import { openDataDir, SettingsError } from '../open-data-dir.ts';
import { SAME_SIGNAL_MS } from '../signals.ts';
import { NotServingError, START_LIMIT_MS, startedInTime } from '../start-limit.ts';
import type { Started } from '../started.ts';
import type { Succession, SuccessionWord } from '../succession.ts';
import { isChildWord, WORKERS_WAIT } from '../supervisor/protocol.ts';
import { banner, supervisorBanner } from './banner.ts';
import { printWarnings } from './outcome.ts';

/** Starts the command of these words in the background, and waits until it is ready. */
export const runDetached = async (words: readonly string[], config: Config, check: () => Promise<void>): Promise<void> => {
  printWarnings(config);
  await check();
  const { child, started } = forkDetached(words, config);
  const interrupt = endByInterrupt(child);
  try {
    const shown = bannerOf(await started(), child, config);
    if (!interrupt.isAsked()) return print(shown);
    child.ref();
    await interrupt.ended;
  } catch (error) {
    if (!interrupt.isAsked()) throw error;
  } finally {
    interrupt.off();
  }
  throw new CommandError('the start was stopped by Ctrl-C, and nothing is left of it', 'start/interrupted', EXIT.interrupted);
};

/** What a Ctrl-C does to a process in the background whose start is waited for: that does not hear the terminal. */
interface Interrupt {
  isAsked(): boolean;
  /** Resolves once the process has ended. */
  readonly ended: Promise<void>;
  off(): void;
}

/** A first Ctrl-C ends the process, and its end is waited for; a second one leaves it to that. */
const endByInterrupt = (child: ChildProcess): Interrupt => {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let askedAt: number | undefined;
  const onInterrupt = (): void => {
    if (askedAt !== undefined && performance.now() - askedAt <= SAME_SIGNAL_MS) return;
    if (askedAt !== undefined) {
      print(`PID ${child.pid} goes on ending by itself; ${commandHint('status')} shows whether it runs.`);
      process.exit(EXIT.interrupted);
    }
    askedAt = performance.now();
    print(`Stopping what was started (PID ${child.pid})… Ctrl-C again leaves it to that.`);
    child.kill('SIGTERM');
  };
  process.on('SIGINT', onInterrupt);
  return { isAsked: () => askedAt !== undefined, ended, off: () => void process.off('SIGINT', onInterrupt) };
};

/** A command in the background, whose code is loaded and which has not begun. */
export interface HeldProcess {
  /**
   * Begins, and resolves to its banner once it serves, and to when its bot did. Rejects with CommandError where it does
   * not. `onAnswering`: called where its bot serves, and others still start.
   */
  begin(onAnswering: () => void): Promise<{ readonly banner: string; readonly answersSince: number }>;
  /** From here on it begins also where this command is cut off, once what runs has ended. */
  succeed(to: Succession): void;
  /** Ends it, where it is not to begin after all. */
  dismiss(): void;
}

/** Loads the command of these words in the background. Rejects with CommandError where it ends over that. */
export const holdDetached = async (words: readonly string[], config: Config): Promise<HeldProcess> => {
  const { child, loaded, started } = forkDetached([...words, '--held'], config);
  await loaded();
  const say = (said: SuccessionWord, then = (): void => undefined): void => void child.send(said, then);
  return {
    begin: async (onAnswering) => {
      let answersSince: number | undefined;
      child.on('message', (said) => {
        if (!isWaitForWorkers(said)) return;
        answersSince ??= Date.now();
        onAnswering();
      });
      // That it is gone, its end says.
      child.send({ kept: 'begin' }, () => undefined);
      const banner = bannerOf(await started(), child, config);
      return { banner, answersSince: answersSince ?? Date.now() };
    },
    succeed: (to) => say({ kept: 'succeed', to }),
    dismiss: () => {
      if (child.connected) say({ kept: 'dismiss' }, () => child.disconnect());
    },
  };
};

const isLoaded = (word: unknown): boolean => isChildWord(word) && word.kept === 'loaded';
const isWaitForWorkers = (word: unknown): boolean => isChildWord(word) && word.kept === 'starting' && word.waitsFor === WORKERS_WAIT;
const isStarted = (word: unknown): boolean => !isChildWord(word);

const forkDetached = (words: readonly string[], config: Config) => {
  openDataDir(config.dataDir);
  const [name = ''] = words;
  const outPath = join(dirname(logPath(config.dataDir)), `${name}.out`);
  const out = openOutput(outPath);
  const child = fork(process.argv[1] as string, [...words, '--tells'], { detached: true, stdio: ['ignore', out, out, 'ipc'] });
  const failed = new Promise<never>((_, reject) =>
    child.once('exit', (code) => {
      const said = readFileSync(outPath, 'utf8').trim();
      const exitCode = code === EXIT.config ? EXIT.config : EXIT.bad;
      reject(new CommandError(`Kept did not start (see ${outPath}):\n${said}`, 'start/failed', exitCode));
    }),
  );
  failed.catch(() => undefined);
  const word = (is: (word: unknown) => boolean): Promise<Started | readonly Started[]> =>
    new Promise((resolve) => {
      const onWord = (said: unknown): void => {
        if (!is(said)) return;
        child.off('message', onWord);
        resolve(said as Started | readonly Started[]);
      };
      child.on('message', onWord);
    });
  let waitsFor = 'its code to be loaded';
  child.on('message', (said) => {
    if (isChildWord(said) && said.kept === 'starting') waitsFor = said.waitsFor;
  });
  // A supervisor has the limit for the bot, and then for the others, and ends what it has started.
  const limitMs = words.includes('--workers') ? 3 * START_LIMIT_MS : START_LIMIT_MS;
  const inTime = async (waited: Promise<Started | readonly Started[]>): Promise<Started | readonly Started[]> => {
    try {
      return await startedInTime(Promise.race([waited, failed]), { clock: systemClock, limitMs, waitsFor: () => waitsFor });
    } catch (error) {
      if (!(error instanceof NotServingError)) throw error;
      child.kill('SIGKILL');
      throw new CommandError(`Kept did not start: ${error.message}. It was killed (see ${outPath})`, 'start/failed');
    }
  };
  return { child, loaded: () => inTime(word(isLoaded)), started: () => inTime(word(isStarted)) };
};

const bannerOf = (started: Started | readonly Started[], child: ChildProcess, config: Config): string => {
  child.unref();
  return Array.isArray(started) ? supervisorBanner(started, config, child.pid as number) : banner(started as Started, config);
};

/** The file that receives the output of a background process. */
const openOutput = (path: string): number => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'w', 0o600);
  } catch (error) {
    throw new SettingsError(`KEPT_DATA_DIR: ${path} can't be written (${reasonOf(error)}).`);
  }
};
