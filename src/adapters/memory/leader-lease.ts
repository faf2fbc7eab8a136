import type { Clock, LeaderLease } from '../../ports/index.ts';

/** The leader's lease among candidates of this process. */
export const makeMemoryLeaderLease = (clock: Pick<Clock, 'now'>): LeaderLease => {
  let leader: { readonly holder: string; readonly until: number } | undefined;
  return {
    claim: async (holder, leaseMs) => {
      const now = clock.now();
      if (!leader || leader.holder === holder || leader.until <= now) leader = { holder, until: now + leaseMs };
      return { holder: leader.holder, lastsMs: leader.until - now };
    },
    resign: async (holder) => {
      if (leader?.holder === holder) leader = undefined;
    },
  };
};
