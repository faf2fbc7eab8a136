/**
 * Loaded before a process (`--import`): at the first SIGUSR2 a call hangs on the FIFO HUNG_FIFO, to which nobody
 * writes, and is told on standard error; at a second one, an error is thrown that nobody catches.
 */
import { open } from 'node:fs/promises';

process.once('SIGUSR2', () => {
  process.once('SIGUSR2', () => {
    throw new Error('planted');
  });
  void open(process.env.HUNG_FIFO ?? '', 'r');
  process.stderr.write('held\n');
});
