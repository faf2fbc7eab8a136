import type { Drain, WorkInHand } from '../domain/index.ts';
import type { Clock } from '../ports/index.ts';
import { TURN_GRACE_MS } from './bot.ts';
import { type Role, runsPromises } from './data-dir.ts';
import { type AppContext, TOKENS } from './tokens.ts';
import { WORK_GRACE_MS } from './worker.ts';

/** How often a process that ends looks what it still waits for. */
const EACH_MS = 500;

/** Counts what this process has begun and not ended. It goes on counting while its bot ends. */
export const countWork = async ({ get }: AppContext, role: Role): Promise<() => WorkInHand> => {
  const status = role === 'worker' ? undefined : await get(TOKENS.leaderStatus);
  const worker = runsPromises(role) ? await get(TOKENS.worker) : undefined;
  return () => ({ turns: status?.answering?.() ?? 0, promises: worker?.running() ?? [] });
};

/** When work that goes on now is cut off: promises first, then the bot, which tells of them. */
const graceOf = ({ turns, promises }: WorkInHand): number => (promises.length > 0 ? WORK_GRACE_MS : 0) + (turns > 0 ? TURN_GRACE_MS : 0);

/** Calls `tell` with what is waited for, at once and where that changes, until the returned function is called. */
export const followDrain = (count: () => WorkInHand, clock: Clock, tell: (drain: Drain) => void): (() => void) => {
  const since = clock.now();
  const until = since + graceOf(count());
  let told = '';
  let cancel = (): void => undefined;
  const look = (): void => {
    const work = count();
    const words = JSON.stringify(work);
    if (words !== told) tell({ ...work, since, until });
    told = words;
    cancel = clock.after(EACH_MS, look);
  };
  look();
  return () => cancel();
};
