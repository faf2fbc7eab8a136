import { closeSync, openSync } from 'node:fs';

/** npm forwards a Ctrl-C that its child already received: a second signal this soon is the same one. */
export const SAME_SIGNAL_MS = 500;

export interface AskedBySignals {
  /** Resolves when the process is asked to end. */
  readonly ended: Promise<void>;
  /** Resolves when it is asked once more. */
  readonly hurried: Promise<void>;
  /** Asks the process to end, as a signal does. */
  end(): void;
  /** Calls `reload` for each SIGHUP that does not mean the end of a terminal. */
  onReload(reload: () => void): void;
}

/**
 * Listens to signals. The first SIGINT or SIGTERM ends the process, a second one hurries it. SIGHUP means that the
 * terminal has closed, and ends it, too; where there is no terminal, as with `--detach` and in a service, it asks for a
 * reload.
 */
export const watchSignals = (isInTerminal = hasTerminal()): AskedBySignals => {
  const ended = Promise.withResolvers<void>();
  const hurried = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  // Before it serves, a process reads what is there anyway.
  let reload = (): void => undefined;
  const end = (): void => {
    if (firstAt !== undefined && performance.now() - firstAt > SAME_SIGNAL_MS) hurried.resolve();
    firstAt ??= performance.now();
    ended.resolve();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  process.on('SIGHUP', () => (isInTerminal ? end() : reload()));
  return {
    ended: ended.promise,
    hurried: hurried.promise,
    end,
    onReload: (work) => {
      reload = work;
    },
  };
};

/** Whether this process has a terminal that controls it, wherever its output goes. */
export const hasTerminal = (): boolean => {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
};
