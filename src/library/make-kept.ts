import { makeKept as assembleKept, type Kept, type KeptParts } from '../application/index.ts';
import { requireNode } from '../domain/index.ts';
import { loadBuiltIns } from './built-ins.ts';

/** The longest delay of a Node timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Makes a Kept of your parts: bot, worker and commands in one. It answers the messages of the gateways and keeps the
 * promises that are made. It has promise, schedule and file tools, unless you leave them out. From `start` to the end
 * of `stop` it keeps the process alive, as a server does. Throws a TypeError whose message says what is wrong: a part
 * that is missing or unusable, a name that is unknown or given twice, or a tool that no agent may call.
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
