import { commandHint } from '../../domain/index.ts';
import type { Finding, HealthProbe } from '../../ports/index.ts';
import { asking } from './asking.ts';

/** Words about who leads, or, in `without`, that nobody does. Undefined where nobody has to. */
export type LeaderFound = string | { readonly without: string } | Finding | undefined;

/** Whether one of the bots on this database leads. */
export const leaderProbe = (find: () => Promise<LeaderFound>): HealthProbe =>
  asking({
    id: 'process.leader',
    depth: 'local',
    // A bot that stands by is ready to take over; it is not while nobody is known to lead.
    unreadyFrom: 'warn',
    broken: 'warn',
    help: () => `see that the database answers, and that a bot runs: ${commandHint('status')}`,
    ask: async () => {
      const found = await find();
      if (typeof found !== 'object' || 'status' in found) return found;
      return {
        status: 'warn',
        message: found.without,
        fixHint: `wait half a minute for the lease of the former leader to end; if it goes on, see ${commandHint('status')} on each machine`,
      };
    },
  });
