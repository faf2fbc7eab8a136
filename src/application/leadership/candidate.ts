import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LeaderLease, LeaseHolder } from '../../ports/leader-lease.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';

export interface LeadSettings {
  /** How long the lead outlives a leader that has died. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** How long before its lease runs out a leader that could not renew it has ended. */
  readonly marginMs: number;
}

/** What a leader does, until it is ended. */
export interface Term {
  /** Ends it; what is under way gets `graceMs`. */
  end(graceMs: number): Promise<void>;
}

/** Leads when nobody else does; stands by while somebody else does. */
export interface Candidate {
  /**
   * Resolves to who leads once that is known and, where it is this one, its term has begun, or was ended before it had.
   * Rejects when that term can't begin.
   */
  start(): Promise<LeaseHolder>;
  /** Who leads, as this one last heard; undefined once that lead has run out, for nobody may lead now. */
  leader(): string | undefined;
  /** Ends the term, then gives the lead up: who stands by goes on. */
  stop(graceMs: number): Promise<void>;
}

export const LEAD_SETTINGS: LeadSettings = { leaseMs: 6_000, renewMs: 2_000, marginMs: 1_000 };

/**
 * Keeps one of several candidates for `leadership` at `begin`'s work. A leader that can't renew its lease in time,
 * because the storage is out of reach or the process was suspended, ends its term before anybody else can begin one,
 * and stands by.
 */
export const makeCandidate = (deps: {
  readonly leadership: LeaderLease;
  /** Names this candidate: no other, here or elsewhere, before or after, has the same name. */
  readonly holder: string;
  /** MUST reject soon after `signal` aborts, with nothing left begun, unless it has resolved by then. */
  readonly begin: (signal: AbortSignal) => Promise<Term>;
  readonly clock: Clock;
  readonly events: Events;
  readonly settings?: LeadSettings;
}): Candidate => {
  const { leadership, holder, clock, events, settings: { leaseMs, renewMs, marginMs } = LEAD_SETTINGS } = deps;
  let failures = 0;
  let term: { readonly begun: Promise<Term>; readonly over: AbortController } | undefined;
  let ended: Promise<void> = Promise.resolve();
  let running = true;
  let heard: { readonly holder: string; readonly until: number } | undefined;
  let look: Promise<unknown> = Promise.resolve();
  let cancelNext = (): void => undefined;
  let cancelFence = (): void => undefined;

  /** Resolves once no term is left, whatever became of it. */
  const endTerm = (graceMs: number): Promise<void> => {
    cancelFence();
    const ending = term;
    term = undefined;
    if (!ending) return ended;
    ending.over.abort(new PortError('aborted', 'the lead was lost or given up before its term had begun', { retryable: true }));
    ended = ending.begun.then(
      (begun) =>
        begun
          .end(graceMs)
          .catch((error: unknown) => events.emit({ type: 'leader-session-failed', at: 'end', reason: reasonOf(error), error })),
      // What did not begin has told of it.
      () => undefined,
    );
    return ended;
  };

  const fence = (): void => {
    events.emit({ type: 'leader-lease-not-renewed', leaseMs });
    void endTerm(0);
  };

  const beginTerm = async (signal: AbortSignal): Promise<Term> => {
    await ended;
    signal.throwIfAborted();
    const begun = await deps.begin(signal);
    events.emit({ type: 'leader-elected', holder });
    return begun;
  };

  /** Asks for the lead, and begins or ends a term as the answer says. Rejects when the storage does. */
  const ask = async (): Promise<LeaseHolder> => {
    const askedAt = clock.now();
    const lead = await leadership.claim(holder, leaseMs);
    heard = { holder: lead.holder, until: clock.now() + lead.lastsMs };
    if (lead.holder !== holder) {
      if (term) events.emit({ type: 'leader-lost', leader: lead.holder });
      await endTerm(0);
      return lead;
    }
    const leftMs = askedAt + leaseMs - marginMs - clock.now();
    cancelFence();
    if (leftMs <= 0) fence();
    else cancelFence = clock.after(leftMs, fence);
    if (leftMs > 0 && running && !term) {
      const over = new AbortController();
      const beginning = { begun: beginTerm(over.signal), over };
      term = beginning;
      beginning.begun.catch((error: unknown) => giveWay(beginning, error));
    }
    return lead;
  };

  const lookAgain = async (): Promise<void> => {
    try {
      const lead = await ask();
      if (failures > 0) events.emit({ type: 'poll-recovered', loop: 'leadership', failures });
      failures = 0;
      askLater(lead);
    } catch (error) {
      failures++;
      events.emit({ type: 'poll-failed', loop: 'leadership', failures, reason: reasonOf(error), error });
      askLater();
    }
  };

  /** Somebody else may be able to begin. */
  const giveWay = async (failed: typeof term, error: unknown): Promise<void> => {
    events.emit({ type: 'leader-session-failed', at: 'begin', reason: reasonOf(error), error });
    if (term !== failed) return;
    term = undefined;
    cancelFence();
    await leadership
      .resign(holder)
      .catch((worse: unknown) => events.emit({ type: 'leader-session-failed', at: 'resign', reason: reasonOf(worse), error: worse }));
  };

  /** The lease is renewed while a term begins, too: that can take longer than the lease lasts. */
  const askLater = (lead?: LeaseHolder): void => {
    if (!running) return;
    const waitMs = lead && lead.holder !== holder ? Math.min(renewMs, Math.max(1, lead.lastsMs)) : renewMs;
    cancelNext = clock.after(waitMs, () => {
      look = lookAgain();
    });
  };

  const stop = async (graceMs: number): Promise<void> => {
    running = false;
    cancelNext();
    await endTerm(graceMs);
    // Where the storage is away the lead runs out by itself.
    const left = Promise.withResolvers<void>();
    const cancel = clock.after(leaseMs, left.resolve);
    await Promise.race([look.then(() => leadership.resign(holder)), left.promise]);
    cancel();
  };

  return {
    async start() {
      const lead = await ask();
      askLater(lead);
      if (lead.holder !== holder) events.emit({ type: 'leader-standby', leader: lead.holder });
      const first = term;
      try {
        await first?.begun;
      } catch (error) {
        if (first?.over.signal.aborted) return lead;
        await stop(0);
        throw error;
      }
      return lead;
    },
    leader: () => (heard && clock.now() < heard.until ? heard.holder : undefined),
    stop,
  };
};
