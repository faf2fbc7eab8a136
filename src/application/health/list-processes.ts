import { type ListedProcess, listedAt, MAX_OVER, restartsSince } from '../../domain/process/register.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessRegister } from '../../ports/storage/process-register.ts';
import type { ListProcesses } from '../../ports/use-cases/processes.ts';

/** All that are over, and as many that live. */
export const MAX_LISTED_PROCESSES = 2 * MAX_OVER;
/** As long as the rule of alerts looks back. */
export const RESTARTS_WITHIN_MS = 15 * 60_000;

export const makeListProcesses =
  ({
    processes: register,
    clock,
  }: {
    readonly processes: Pick<ProcessRegister, 'list'>;
    readonly clock: Pick<Clock, 'now'>;
  }): ListProcesses =>
  async () => {
    const all = await register.list({ limit: MAX_LISTED_PROCESSES });
    const at = clock.now();
    const processes = listedAt(all, at);
    return { at, processes, restarts: restartsSince(processes, at - RESTARTS_WITHIN_MS), ...present({ leader: leaderOf(processes) }) };
  };

/** Who says so itself; else whom others name. */
const leaderOf = (processes: readonly ListedProcess[]): string | undefined => {
  const living = processes.filter(({ vitality }) => vitality === 'alive');
  const leading = living.find(({ work }) => work.standing === 'leads');
  return leading?.id ?? living.find(({ work }) => work.leader !== undefined)?.work.leader;
};
