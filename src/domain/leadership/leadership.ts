/** How long a leader's lease lasts, and how it is kept. */
export interface LeaseSettings {
  /** How long a leader's lease outlives a leader that has died. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** How often whoever stands by looks whether the leader has given the lease up: nobody answers until then. */
  readonly lookMs: number;
  /** How long before the end of its lease a leader that could not renew it ends its session. */
  readonly marginMs: number;
}

export const DEFAULT_LEASE_SETTINGS: LeaseSettings = { leaseMs: 6_000, renewMs: 2_000, lookMs: 500, marginMs: 1_000 };

/** What one of several processes knows about who leads, and whether it leads itself. Times in ms since 1970. */
export interface Leadership {
  /** The name of this process. */
  readonly self: string;
  /** True once this process gives up for good. */
  readonly isStopped: boolean;
  /** The number of the session that this process runs or begins; absent while it does not lead. */
  readonly session?: number;
  /** How many sessions this process has begun. */
  readonly begun: number;
  /** The holder of the lease and the end of the lease, as last heard. */
  readonly leader?: { readonly name: string; readonly until: number };
  /** The session ends then, unless the lease is renewed before. */
  readonly fenceAt?: number;
}

export type LeadershipEvent =
  /** The storage answered a claim that was made at `claimedAt`: `holder` has the lease for `lastsMs` from now on. */
  | { readonly type: 'claim-answered'; readonly claimedAt: number; readonly holder: string; readonly lastsMs: number }
  /** The lease was not renewed in time. */
  | { readonly type: 'fence-reached' }
  | { readonly type: 'session-not-begun'; readonly session: number }
  | { readonly type: 'stopped' };

export type LeadershipEffect =
  | { readonly type: 'begin-session'; readonly session: number }
  /** `stopped`: what is under way gets time to end. Otherwise the session ends at once. */
  | { readonly type: 'end-session'; readonly reason: 'another-leads' | 'not-renewed' | 'stopped' }
  | { readonly type: 'resign' };

export interface LeadershipStep {
  readonly state: Leadership;
  readonly effects: readonly LeadershipEffect[];
}

export const noLeader = (self: string): Leadership => ({ self, isStopped: false, begun: 0 });

/** The state after an event, and what is to be done about it. Pure: the time comes with the event. */
export const nextLeadership = (state: Leadership, event: LeadershipEvent, now: number, settings: LeaseSettings): LeadershipStep => {
  switch (event.type) {
    case 'claim-answered':
      return claimAnswered({ ...state, leader: { name: event.holder, until: now + event.lastsMs } }, event, now, settings);
    case 'fence-reached':
      return endSession(state, 'not-renewed');
    case 'session-not-begun':
      return event.session === state.session ? { state: withoutSession(state), effects: [{ type: 'resign' }] } : { state, effects: [] };
    case 'stopped':
      return endSession({ ...state, isStopped: true }, 'stopped');
  }
};

const claimAnswered = (
  state: Leadership,
  { claimedAt, holder }: Extract<LeadershipEvent, { type: 'claim-answered' }>,
  now: number,
  { leaseMs, marginMs }: LeaseSettings,
): LeadershipStep => {
  if (holder !== state.self) return endSession(state, 'another-leads');
  // The lease began at some moment after the claim: only the time of the claim is certain.
  const fenceAt = claimedAt + leaseMs - marginMs;
  if (fenceAt <= now) return endSession(state, 'not-renewed');
  if (state.isStopped) return { state, effects: [] };
  if (state.session !== undefined) return { state: { ...state, fenceAt }, effects: [] };
  const session = state.begun + 1;
  return { state: { ...state, session, begun: session, fenceAt }, effects: [{ type: 'begin-session', session }] };
};

const endSession = (state: Leadership, reason: 'another-leads' | 'not-renewed' | 'stopped'): LeadershipStep => ({
  state: withoutSession(state),
  effects: state.session === undefined ? [] : [{ type: 'end-session', reason }],
});

const withoutSession = ({ session: _, fenceAt: __, ...rest }: Leadership): Leadership => rest;

/** How long to wait before the lease is claimed again: to renew it, or to see whether another has lost it or let go. */
export const claimAgainMs = (state: Leadership, now: number, { renewMs, lookMs }: LeaseSettings): number => {
  const { self, leader } = state;
  if (!leader || leader.name === self || leader.until <= now) return renewMs;
  return Math.min(lookMs, Math.max(1, leader.until - now));
};

/** Who leads, as last heard; undefined once that lease has ended, because then nobody may lead. */
export const leaderAt = ({ leader }: Leadership, now: number): string | undefined =>
  leader && now < leader.until ? leader.name : undefined;
