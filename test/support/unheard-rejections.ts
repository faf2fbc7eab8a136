/**
 * A rejection that nobody hears ends a process of Kept, and mocha passes over it: here it fails the test in which it
 * comes.
 */
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Mocha emits each of them twice. */
const unheard = new Set<unknown>();
process.on('unhandledRejection', (reason) => void unheard.add(reason));

export const failOnUnheardRejections = async (): Promise<void> => {
  await turnOfLoop();
  const told = [...unheard].map((reason) => inspect(reason));
  unheard.clear();
  if (told.length > 0) throw new Error(`nobody heard this rejection:\n${told.join('\n')}`);
};
