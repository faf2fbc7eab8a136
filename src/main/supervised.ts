import type { ServiceManager } from '../adapters/system/index.ts';
import type { Drain } from '../domain/index.ts';
import type { Started } from './started.ts';
import { type ChildWord, isSupervisorWord, SIGN_OF_LIFE_MS } from './supervisor/protocol.ts';

/** The supervisor of this process, as this process sees it. */
export interface OwnSupervisor {
  /** Hears what systemd would. */
  readonly manager: ServiceManager;
  /** Its start has come so far that it waits for that. */
  starting(waitsFor: string): void;
  started(started: Started): void;
  /** This process ends, and waits for that. */
  draining(drain: Drain): void;
}

const say = (word: ChildWord): Promise<void> =>
  new Promise((resolve) => {
    // Where the other one has ended in between, `disconnect` says so.
    if (process.connected && process.send) process.send(word, () => resolve());
    else resolve();
  });

/** Says that the code is loaded, and waits until this process is to begin. False where nobody is left to say so. */
export const awaitTurn = async (): Promise<boolean> => {
  const begin = Promise.withResolvers<boolean>();
  const onWord = (word: unknown): void => {
    if (isSupervisorWord(word)) begin.resolve(true);
  };
  const onGone = (): void => begin.resolve(false);
  process.on('message', onWord);
  process.once('disconnect', onGone);
  if (!process.connected) onGone();
  await say({ kept: 'loaded' });
  const isTurn = await begin.promise;
  process.off('message', onWord);
  process.off('disconnect', onGone);
  return isTurn;
};

/**
 * Talks to the supervisor that started this process. Calls `onGone` with its process id once that has ended, however it
 * ended: nobody would stop this process any more, or start it again.
 */
export const ownSupervisor = (onGone: (supervisor: number) => void): OwnSupervisor => {
  // Once it has ended, another process is the parent.
  const supervisor = process.ppid;
  const onDisconnect = (): void => onGone(supervisor);
  setInterval(() => void say({ kept: 'alive' }), SIGN_OF_LIFE_MS / 2).unref();
  process.once('disconnect', onDisconnect);
  if (!process.connected) onDisconnect();
  return {
    manager: { watchdogMs: SIGN_OF_LIFE_MS, tell: (fields) => say({ kept: 'told', fields }) },
    starting: (waitsFor) => void say({ kept: 'starting', waitsFor }),
    started: (started) => void say({ kept: 'started', started }),
    draining: (drain) => void say({ kept: 'draining', drain }),
  };
};
