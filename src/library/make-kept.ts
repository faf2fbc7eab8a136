import { makeKept as assembleKept, type Kept, type KeptParts } from '../application/index.ts';
import { requireNode } from '../domain/index.ts';
import { loadBuiltIns } from './built-ins.ts';

/** The longest delay of a Node timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Bot, worker and commands in one, out of your parts: answers what the gateways receive, and keeps the promises that
 * are made. Promise, schedule and file tools are in unless they are left out. From `start` to the end of `stop` it
 * keeps the process alive, as a server does. Throws a TypeError, in words, where a part is missing or none, a name is
 * unknown or doubled, or a tool would be offered to nobody.
 */
export const makeKept = (parts: KeptParts): Kept => {
  requireNode(process.versions.node);
  const kept = assembleKept(parts, loadBuiltIns);
  let alive: NodeJS.Timeout | undefined;
  const letGo = (): void => clearInterval(alive);
  return {
    ...kept,
    async start(signal) {
      // A second start is refused, and the first one goes on.
      if (alive) return kept.start(signal);
      alive = setInterval(() => undefined, LONGEST_TIMER_MS);
      try {
        await kept.start(signal);
      } catch (error) {
        letGo();
        throw error;
      }
    },
    async stop(graceMs) {
      try {
        await kept.stop(graceMs);
      } finally {
        letGo();
      }
    },
  };
};
