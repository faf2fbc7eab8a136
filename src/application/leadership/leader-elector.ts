import {
  claimAgainMs,
  DEFAULT_LEASE_SETTINGS,
  type Leadership,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeaseSettings,
  leaderAt,
  nextLeadership,
  noLeader,
} from '../../domain/leadership/leadership.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LeaderLease, LeaseHolder } from '../../ports/leader-lease.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';
import { makePollReport } from '../loops/poll-report.ts';
import { within } from '../loops/timers.ts';

/** What a leader does until its session ends. */
export interface LeaderSession {
  /** Ends the session; what is under way gets `graceMs`. */
  end(graceMs: number): Promise<void>;
}

/** Leads while it holds the lease; stands by while another process does. */
export interface LeaderElector {
  /**
   * Resolves to the holder of the lease once that is known and, if this process leads, its session has begun or was
   * ended again. Rejects if that session cannot begin.
   */
  start(): Promise<LeaseHolder>;
  /** The leader as last heard; undefined once its lease has ended, because then nobody may lead. */
  leader(): string | undefined;
  /** Ends the session, then gives up the lease, so that another process takes over. */
  stop(graceMs: number): Promise<void>;
}

interface Session {
  readonly begun: Promise<LeaderSession>;
  readonly over: AbortController;
}

/**
 * Lets one of several processes lead: the holder of `lease` runs a session. A leader that cannot renew its lease in
 * time, because the storage is out of reach or the process was suspended, ends its session before another can begin
 * one. What happens when is decided by `nextLeadership`; here are the timers and the calls.
 */
export const makeLeaderElector = (deps: {
  readonly lease: LeaderLease;
  /** The name of this process. No other process, before or after, has the same name. */
  readonly holder: string;
  /**
   * Begins a session. MUST reject soon after `signal` aborts, with nothing left begun, unless it has resolved before.
   */
  readonly begin: (signal: AbortSignal) => Promise<LeaderSession>;
  readonly clock: Clock;
  readonly events: Events;
  readonly settings?: LeaseSettings;
}): LeaderElector => {
  const { lease, holder, clock, events, settings = DEFAULT_LEASE_SETTINGS } = deps;
  const { leaseMs } = settings;
  let state: Leadership = noLeader(holder);
  const sessions = makeSessions(deps.begin);
  let claiming: Promise<unknown> = Promise.resolve();
  const report = makePollReport(events, 'leadership');
  let cancelClaim = (): void => undefined;
  let cancelFence = (): void => undefined;

  const failed = (at: 'begin' | 'end' | 'resign', error: unknown): void =>
    events.emit({ type: 'leader-session-failed', at, reason: reasonOf(error), error });

  /** Resolves when what the event demands is done, except that a session may still begin. */
  const dispatch = async (event: LeadershipEvent, graceMs = 0): Promise<void> => {
    const step = nextLeadership(state, event, clock.now(), settings);
    state = step.state;
    cancelFence();
    if (state.fenceAt !== undefined) cancelFence = clock.after(state.fenceAt - clock.now(), () => void dispatch({ type: 'fence-reached' }));
    for (const effect of step.effects) await run(effect, graceMs);
  };

  const run = (effect: LeadershipEffect, graceMs: number): Promise<void> | undefined => {
    switch (effect.type) {
      case 'begin-session':
        return beginSession(effect.session);
      case 'end-session':
        if (effect.reason === 'not-renewed') events.emit({ type: 'leader-lease-not-renewed', leaseMs });
        if (effect.reason === 'another-leads') events.emit({ type: 'leader-lost', leader: state.leader?.name ?? '' });
        return sessions.end(graceMs, (error) => failed('end', error));
      case 'resign':
        return lease.resign(holder).catch((error: unknown) => failed('resign', error));
    }
  };

  const beginSession = (number: number): undefined => {
    sessions.begin().begun.then(
      () => events.emit({ type: 'leader-elected', holder }),
      (error: unknown) => {
        failed('begin', error);
        return dispatch({ type: 'session-not-begun', session: number });
      },
    );
    return undefined;
  };

  /** Claims or renews the lease. Rejects when the storage does. */
  const claim = async (): Promise<LeaseHolder> => {
    const claimedAt = clock.now();
    const answer = await lease.claim(holder, leaseMs);
    await dispatch({ type: 'claim-answered', claimedAt, holder: answer.holder, lastsMs: answer.lastsMs });
    return answer;
  };

  /** The lease is renewed while a session begins, too: that can take longer than the lease lasts. */
  const claimLater = (waitMs: number): void => {
    if (state.isStopped) return;
    cancelClaim = clock.after(waitMs, () => {
      claiming = claimAgain();
    });
  };

  const claimAgain = async (): Promise<void> => {
    try {
      await claim();
      report.worked();
      claimLater(claimAgainMs(state, clock.now(), settings));
    } catch (error) {
      report.failed(error);
      claimLater(settings.renewMs);
    }
  };

  const stop = async (graceMs: number): Promise<void> => {
    cancelClaim();
    await dispatch({ type: 'stopped' }, graceMs);
    await sessions.ended();
    const resigned = claiming.then(() => lease.resign(holder));
    // If the storage is away, the lease expires.
    await within(clock, leaseMs, resigned, () => undefined);
  };

  return {
    async start() {
      const answer = await claim();
      claimLater(claimAgainMs(state, clock.now(), settings));
      if (answer.holder !== holder) events.emit({ type: 'leader-standby', leader: answer.holder });
      const first = sessions.current();
      try {
        await first?.begun;
      } catch (error) {
        if (first?.over.signal.aborted) return answer;
        await stop(0);
        throw error;
      }
      return answer;
    },
    leader: () => leaderAt(state, clock.now()),
    stop,
  };
};

/** The sessions of one process: at most one at a time, and none begins before the last one has ended. */
const makeSessions = (beginSession: (signal: AbortSignal) => Promise<LeaderSession>) => {
  let current: Session | undefined;
  let ended: Promise<void> = Promise.resolve();
  return {
    current: (): Session | undefined => current,
    begin: (): Session => {
      const over = new AbortController();
      const begun = ended.then(() => {
        over.signal.throwIfAborted();
        return beginSession(over.signal);
      });
      current = { begun, over };
      return current;
    },
    /** Resolves when no session is left, whether or not the last one had begun. */
    end: (graceMs: number, onFailure: (error: unknown) => void): Promise<void> => {
      const ending = current;
      current = undefined;
      if (!ending) return ended;
      ending.over.abort(new PortError('aborted', 'the lease was lost or given up before the session began', { retryable: true }));
      ended = ending.begun.then(
        (begun) => begun.end(graceMs).catch(onFailure),
        // Why it did not begin is told by whoever began it.
        () => undefined,
      );
      return ended;
    },
    ended: (): Promise<void> => ended,
  };
};
