import { expect } from 'chai';
import {
  claimAgainMs,
  DEFAULT_LEASE_SETTINGS,
  type Leadership,
  type LeadershipEffect,
  type LeadershipEvent,
  leaderAt,
  nextLeadership,
  noLeader,
} from '../../../src/domain/leadership/leadership.ts';

const { leaseMs, renewMs, lookMs, marginMs } = DEFAULT_LEASE_SETTINGS;
const NOW = 1_000_000;

const answered = (holder: string, { claimedAt = NOW, lastsMs = leaseMs } = {}): LeadershipEvent => ({
  type: 'claim-answered',
  claimedAt,
  holder,
  lastsMs,
});
const none = noLeader('me');
const leads: Leadership = { ...none, session: 1, begun: 1, leader: { name: 'me', until: NOW }, fenceAt: NOW - marginMs };
const follows: Leadership = { ...none, leader: { name: 'you', until: NOW + 500 } };
const stopped: Leadership = { ...none, isStopped: true };

const begin = (session: number): LeadershipEffect => ({ type: 'begin-session', session });
const end = (reason: 'another-leads' | 'not-renewed' | 'stopped'): LeadershipEffect => ({ type: 'end-session', reason });
const fenceAt = NOW + leaseMs - marginMs;

/** Every state that matters, and every event. */
const TABLE: readonly {
  readonly title: string;
  readonly state: Leadership;
  readonly event: LeadershipEvent;
  readonly effects: readonly LeadershipEffect[];
  readonly session?: number;
  readonly fenceAt?: number;
}[] = [
  { title: 'begins a session with the lease', state: none, event: answered('me'), effects: [begin(1)], session: 1, fenceAt },
  { title: 'takes over with a new session', state: follows, event: answered('me'), effects: [begin(1)], session: 1, fenceAt },
  { title: 'numbers a later session anew', state: { ...none, begun: 4 }, event: answered('me'), effects: [begin(5)], session: 5, fenceAt },
  { title: 'keeps its session when the lease is renewed', state: leads, event: answered('me'), effects: [], session: 1, fenceAt },
  { title: 'stands by without the lease', state: none, event: answered('you'), effects: [] },
  { title: 'goes on standing by', state: follows, event: answered('them'), effects: [] },
  { title: 'ends its session when another leads', state: leads, event: answered('you'), effects: [end('another-leads')] },
  {
    title: 'begins nothing when the answer comes too late to count on the lease',
    state: none,
    event: answered('me', { claimedAt: NOW - leaseMs + marginMs }),
    effects: [],
  },
  {
    title: 'ends its session when the answer comes too late to count on the lease',
    state: leads,
    event: answered('me', { claimedAt: NOW - leaseMs + marginMs }),
    effects: [end('not-renewed')],
  },
  {
    title: 'counts the lease from the claim, not from the answer',
    state: none,
    event: answered('me', { claimedAt: NOW - 700 }),
    effects: [begin(1)],
    session: 1,
    fenceAt: fenceAt - 700,
  },
  { title: 'begins nothing once it is stopped', state: stopped, event: answered('me'), effects: [] },
  { title: 'ends its session at the fence', state: leads, event: { type: 'fence-reached' }, effects: [end('not-renewed')] },
  { title: 'has no session to end at a fence that is over', state: follows, event: { type: 'fence-reached' }, effects: [] },
  {
    title: 'gives up the lease when its session cannot begin',
    state: leads,
    event: { type: 'session-not-begun', session: 1 },
    effects: [{ type: 'resign' }],
  },
  {
    title: 'keeps a later session when an earlier one could not begin',
    state: { ...leads, session: 2, begun: 2 },
    event: { type: 'session-not-begun', session: 1 },
    effects: [],
    session: 2,
    fenceAt: NOW - marginMs,
  },
  { title: 'ends its session when it is stopped', state: leads, event: { type: 'stopped' }, effects: [end('stopped')] },
  { title: 'has nothing to end when it is stopped as a follower', state: follows, event: { type: 'stopped' }, effects: [] },
];

describe('leadership: state and event', () => {
  for (const { title, state, event, effects, ...after } of TABLE)
    it(title, () => {
      const step = nextLeadership(state, event, NOW, DEFAULT_LEASE_SETTINGS);
      expect(step.effects).to.deep.equal(effects);
      expect({ session: step.state.session, fenceAt: step.state.fenceAt }).to.deep.equal({
        session: after.session,
        fenceAt: after.fenceAt,
      });
      expect(step.state.isStopped).to.equal(state.isStopped || event.type === 'stopped');
      if (event.type === 'claim-answered') expect(step.state.leader).to.deep.equal({ name: event.holder, until: NOW + event.lastsMs });
    });

  it('claims again when it is time to renew, or to look whether another has given the lease up, or its lease ends', () => {
    const again = (state: Leadership) => claimAgainMs(state, NOW, DEFAULT_LEASE_SETTINGS);
    expect(again(none), 'nobody answered').to.equal(renewMs);
    expect(again(leads)).to.equal(renewMs);
    expect(again({ ...follows, leader: { name: 'you', until: NOW + lookMs - 100 } })).to.equal(lookMs - 100);
    expect(again({ ...follows, leader: { name: 'you', until: NOW + leaseMs } }), 'the leader may give it up').to.equal(lookMs);
    expect(again({ ...follows, leader: { name: 'you', until: NOW + 0.5 } })).to.equal(1);
    expect(again({ ...follows, leader: { name: 'you', until: NOW } }), 'the storage did not answer since').to.equal(renewMs);
  });

  it('names the leader until the lease ends, and nobody after that', () => {
    expect(leaderAt(none, NOW)).to.equal(undefined);
    expect(leaderAt(follows, NOW + 499)).to.equal('you');
    expect(leaderAt(follows, NOW + 500)).to.equal(undefined);
  });
});
