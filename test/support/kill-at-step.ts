/**
 * Loaded before a process (`--import`): a step is each change of files in KILL_IN, and each begin and end of a
 * transaction of SQLite. In the place of step KILL_AT, the process is killed, as by a power cut. Without KILL_AT, the
 * number of steps is in the file KILL_STEPS at the end.
 */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import Database from 'better-sqlite3-13';
import { watchFiles } from './watched-files.ts';

const { KILL_IN: directory = '', KILL_AT: killAt, KILL_STEPS: record } = process.env;
const CHANGES = /^(append|chmod|copyFile|createWriteStream|link|mkdir|rename|rm|truncate|unlink|utimes|write)/;
const ENDS = /^\s*(BEGIN|COMMIT|VACUUM|PRAGMA wal_checkpoint)/i;

let steps = 0;
const step = (): void => {
  steps++;
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};

type Run = (this: { readonly source: string }, ...params: unknown[]) => unknown;
/** What runs statements of better-sqlite3 is found at a statement alone. */
const watchStatements = (): void => {
  const statements = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as Record<'run' | 'all', Run>;
  for (const name of ['run', 'all'] as const) {
    const real = statements[name];
    statements[name] = function (...params) {
      if (ENDS.test(this.source)) step();
      return real.apply(this, params);
    };
  }
};

if (isMainThread) {
  const write = writeFileSync;
  watchStatements();
  watchFiles(directory, ({ name, real }) => {
    if (CHANGES.test(name)) step();
    return real();
  });
  if (record !== undefined) process.on('exit', () => write(record, String(steps)));
}
