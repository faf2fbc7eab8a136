import { ALERT_RULES, type AlertRules, isBadBy, windowOf } from '../../domain/alert/rules.ts';
import { type ListedProcess, listedAt, MAX_LISTED_PROCESSES, restartsSince } from '../../domain/process/register.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessRegister } from '../../ports/storage/process-register.ts';
import type { ListProcesses } from '../../ports/use-cases/processes.ts';

export const makeListProcesses =
  ({
    processes: register,
    clock,
    rule = ALERT_RULES['process.restarts'].settings,
  }: {
    readonly processes: Pick<ProcessRegister, 'list'>;
    readonly clock: Pick<Clock, 'now'>;
    /** How far back restarts are counted, and how many are too many. Default: as the rule has it that is built in. */
    readonly rule?: AlertRules['process.restarts'];
  }): ListProcesses =>
  async () => {
    const all = await register.list({ limit: MAX_LISTED_PROCESSES });
    const at = clock.now();
    const processes = listedAt(all, at);
    const restartsWithinMs = windowOf('process.restarts', rule);
    const restarts = restartsSince(processes, at - restartsWithinMs);
    return {
      at,
      processes,
      restarts,
      looping: restarts.filter(({ count }) => isBadBy('process.restarts', rule, count)),
      restartsWithinMs,
      ...present({ leader: leaderOf(processes) }),
    };
  };

/** Who says so itself; else whom others name. */
const leaderOf = (processes: readonly ListedProcess[]): string | undefined => {
  const living = processes.filter(({ vitality }) => vitality === 'alive');
  const leading = living.find(({ work }) => work.standing === 'leads');
  return leading?.id ?? living.find(({ work }) => work.leader !== undefined)?.work.leader;
};
