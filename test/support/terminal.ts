import { stripVTControlCharacters } from 'node:util';
import pty from '@lydell/node-pty';
import { KEPT, type Site } from './kept-process.ts';
import { endPidWithUs } from './own-directory.ts';

/** A command of Kept's in a terminal of its own. */
export interface Terminal {
  readonly pid: number;
  /** Everything that it has printed, without control sequences. */
  shown(): string;
  /** Waits for that text behind what was waited for before. Rejects where the command ends, or nothing comes. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until `read` finds what it looks for in all that was shown. */
  find<T>(what: string, read: (text: string) => T | undefined): Promise<T>;
  /** Waits for a question, and types the answer and Enter. */
  answer(question: RegExp, text: string): Promise<void>;
  type(keys: string): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;
}

export const CTRL_C = '\x03';
export const CTRL_D = '\x04';

const DEADLINE_MS = 30_000;

/** `after`: a shell command that runs in the same terminal once Kept has ended, whatever its exit code. */
export const openTerminal = (
  { root, env }: Pick<Site, 'root' | 'env'>,
  words: readonly string[],
  { env: more = {}, after }: { readonly env?: NodeJS.ProcessEnv; readonly after?: string } = {},
): Terminal => {
  const command = [process.execPath, KEPT, ...words];
  const [file = '', ...args] = after === undefined ? command : ['sh', '-c', `"$@"; code=$?; ${after}; exit $code`, 'sh', ...command];
  const child = pty.spawn(file, args, {
    cwd: root,
    env: { ...env, TERM: 'xterm', ...more } as Record<string, string>,
    cols: 110,
    rows: 60,
  });
  let output = '';
  let seen = 0;
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...watchers]) look();
  };
  let hasEnded = false;
  child.onData((data) => {
    output += data;
    changed();
  });
  const ended = new Promise<number>((resolve) =>
    child.onExit(({ exitCode }) => {
      hasEnded = true;
      resolve(exitCode);
      changed();
    }),
  );
  endPidWithUs(child.pid, ended);
  const shown = (): string => stripVTControlCharacters(output).replaceAll('\r', '');
  const find = <T>(what: string, read: (text: string) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        watchers.delete(look);
      };
      const fail = (why: string): void => {
        end();
        reject(new Error(`${why} ${what}; it showed:\n${shown()}`));
      };
      const timer = setTimeout(() => fail('the terminal does not show'), DEADLINE_MS);
      const look = (): void => {
        const found = read(shown());
        if (found !== undefined) {
          end();
          resolve(found);
        } else if (hasEnded) fail('the command has ended without');
      };
      watchers.add(look);
      look();
    });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const found = await find(String(pattern), (text) => pattern.exec(text.slice(seen)) ?? undefined);
    seen += found.index + found[0].length;
    return found;
  };
  return {
    pid: child.pid,
    shown,
    find,
    until,
    answer: async (question, text) => {
      await until(question);
      child.write(`${text}\r`);
    },
    type: (keys) => child.write(keys),
    kill: (signal) => child.kill(signal),
    ended,
  };
};
