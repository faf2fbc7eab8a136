import type { UserId } from '../../domain/chat/ids.ts';
import { viewOf } from '../../domain/shared/view.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { PairingStore } from '../../ports/storage/pairing-store.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';

/** Who was let in beside those whom the configuration names, as this process knows. */
export interface PairedPeople {
  /** Reads anew who that is. Does nothing where nobody can be. Rejects when the storage does. */
  refresh(): Promise<void>;
  /** What has just been read of one person. */
  learn(userId: UserId, isPaired: boolean): void;
  /** The policy that lets them in. It follows what is read later, and changes of the policy. */
  over(policy: AccessPolicy): AccessPolicy;
}

/** `configured` says whether anybody can be let in so. */
export const makePairedPeople = (pairings: Pick<PairingStore, 'paired'>, configured: Pick<AccessPolicy, 'whitelist'>): PairedPeople => {
  let people: ReadonlySet<UserId> = new Set();
  const pairing = { has: (userId: UserId): boolean => people.has(userId) };
  return {
    refresh: async () => {
      if (configured.whitelist.pairing) people = new Set(await pairings.paired());
    },
    learn: (userId, isPaired) => {
      if (people.has(userId) !== isPaired) people = new Set([...people].filter((each) => each !== userId).concat(isPaired ? [userId] : []));
    },
    over: (policy) => viewOf(() => policy, { whitelist: ({ whitelist }) => (whitelist.pairing ? { ...whitelist, pairing } : whitelist) }),
  };
};

const EACH_MS = 5_000;

/** Reads anew within seconds of a yes, or of its end, in another process. */
export const makeFollowPaired = (deps: {
  readonly paired: Pick<PairedPeople, 'refresh'>;
  readonly policy: Pick<AccessPolicy, 'whitelist'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop => {
  const { paired, policy, clock } = deps;
  const poll = async (): Promise<number | undefined> => {
    if (!policy.whitelist.pairing) return undefined;
    await paired.refresh();
    return clock.now() + EACH_MS;
  };
  return makeLoop({ ...deps, name: 'paired', intervalMs: EACH_MS, poll });
};
