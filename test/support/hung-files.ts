/**
 * Loaded before a process (`--import`): each call on what is in HUNG_DIRECTORY opens the FIFO HUNG_FIFO, to which
 * nobody writes. It hangs as on a network drive that has died: one of `fs` that waits, with all of its process; others,
 * with a thread. With HUNG_LATER, the child process that asks the disk is answered, and the latter alone hang.
 */
import { openSync, promises } from 'node:fs';
import { watchFiles } from './watched-files.ts';

const { HUNG_DIRECTORY: hung = '', HUNG_FIFO: fifo = '', HUNG_LATER: later } = process.env;
const [openLater, openNow] = [promises.open, openSync];
watchFiles(hung, ({ name, real }) => {
  if (/^(watch|unwatch|create)/.test(name)) return real();
  if (later !== undefined && (name.endsWith('Sync') || process.execArgv.includes('-e'))) return real();
  if (name.endsWith('Sync')) return openNow(fifo, 'r');
  return openLater(fifo, 'r');
});
