import type { Api } from 'telegram/tl/index.js';
import { commandHint, type HealthCheck } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { reasonOf } from '../../../ports/index.ts';
import { makeAddresses } from './addresses.ts';
import { notConnected, portErrorOf, rpcErrorOf, whyNot } from './errors.ts';
import { closedUntil, doorsOf, forgetWaits, heedFlood } from './flood-waits.ts';
import { type Call, KeyForgotten, type Link, type LinkOptions, openLink } from './link.ts';
import { probe } from './probe.ts';
import { makeRefusals } from './refusals.ts';
import { firstStart, loadSession, type StoredSession, saveSession } from './session.ts';
import type { TelegramBase, TelegramSelf } from './settings.ts';
import { signInBot, whoAmI } from './sign-in.ts';
import { connectedAs, down, type Status, sightOf } from './status.ts';
import { pause } from './within-time.ts';

/** A connection that is always there again: lost, silent or refused, it is opened anew for as long as it takes. */
export interface Connection {
  /**
   * Resolves when it is first known how things stand: connected, refused for good, or not reachable for now. Never
   * rejects.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Over the connection of the moment; rejects with PortError `unavailable` at once while there is none. */
  readonly call: Call;
  readonly download: Link['download'];
  readonly self: () => TelegramSelf | undefined;
  /** People have another name: the account itself may be one of them. */
  readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
  readonly health: () => HealthCheck;
}

/** A connection that held for this long was a good one: the next loss is met with the shortest wait. */
const STABLE_MS = 30_000;

export const makeConnection = (
  base: TelegramBase,
  listeners: {
    readonly onUpdates: (updates: Api.TypeUpdates) => void;
    /** For each connection that is signed in, before it counts as up. */
    readonly onSignedIn: (self: TelegramSelf, call: Call) => Promise<void>;
    readonly onUp: () => void;
    /** When one that was up is lost, before another one is opened. */
    readonly onLost: () => void;
    /** What the probe has found of the account's state. */
    readonly onState: (state: Api.updates.State) => void;
  },
): Connection => {
  const { settings, timing, state, clock, randomness, notice } = base;
  const stopping = new AbortController();
  const { signal } = stopping;
  let current: Link | undefined;
  let self: TelegramSelf | undefined;
  /** What was last said of what the bot sees. */
  let sight: string | undefined;
  /** Asked whenever it is told: what is still to be waited for grows less. */
  let status: () => Status = () => down('not started');
  let failures = 0;
  let failedOpenings = 0;
  const addresses = makeAddresses(base);
  const refusals = makeRefusals(base);
  const known = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;

  const settle = (next: () => Status): void => {
    status = next;
    known.resolve();
  };

  const backOff = async (why: string, atLeastMs = 0): Promise<void> => {
    failures += 1;
    const longest = Math.min(timing.reconnectCapMs, timing.reconnectFirstMs * 2 ** Math.min(failures - 1, 16));
    const waitMs = Math.max(atLeastMs, Math.round(longest * (1 - randomness.fraction() / 2)));
    settle(() => down(`not connected (${whyNot(why)}); trying again, attempt ${failures + 1}`));
    notice(failures === 1 ? 'connection-lost' : 'connection-retried', { reason: why, failures, waitMs });
    await pause(clock, waitMs, signal);
  };

  const onUpdates = (updates: Api.TypeUpdates): void => {
    if (addresses.heed(updates) && current) void addresses.refresh(current.call);
    listeners.onUpdates(updates);
  };

  /**
   * Each time that nothing answers, another address of the session's data centre is tried; the one that answers is
   * kept.
   */
  const reopen = async (stored: StoredSession, options: LinkOptions): Promise<Link> => {
    const placed = await addresses.placed(stored, failedOpenings);
    const link = await heedFlood(base, 'opening', () => openLink(base, placed, options)).catch((error: unknown) => {
      if (rpcErrorOf(error) === undefined) failedOpenings += 1;
      throw error;
    });
    failedOpenings = 0;
    if (placed.host !== stored.host || placed.port !== stored.port) {
      await saveSession(state, settings, placed);
      notice('address-changed', { dcId: placed.dcId, host: placed.host, port: placed.port });
    }
    return link;
  };

  const open = async (stored: StoredSession | undefined): Promise<Link | 'no session'> => {
    const options = { onUpdates, signal };
    if (stored) return reopen(stored, options);
    if (settings.account.kind === 'user') return 'no session';
    return signInBot(base, firstStart(settings), settings.account.token, options);
  };

  /** The end of it: nothing is tried again before somebody has acted. */
  const giveUp = (detail: string): 'over' => {
    settle(() => down(detail));
    notice('account-refused', { reason: detail });
    return 'over';
  };

  const waitOut = async (waitMs: number, what: 'connection' | 'sign-in'): Promise<void> => {
    const elapsed = clock.elapsed ?? clock.now;
    const end = elapsed() + waitMs;
    const left = (): number => Math.max(0, Math.ceil((end - elapsed()) / 1000));
    settle(() => down(`Telegram wants no ${what} for another ${left()} s (flood wait); waiting for it`));
    notice('flood-wait', { waitMs });
    await pause(clock, waitMs, signal);
  };

  const attempt = async (): Promise<'again' | 'over'> => {
    const stored = await loadSession(state, settings);
    const doors = doorsOf(stored);
    const closed = await closedUntil(base, doors);
    if (closed !== undefined) {
      await waitOut(closed - clock.now(), stored ? 'connection' : 'sign-in');
      // The clock was set back meanwhile.
      if (!signal.aborted && closed > clock.now()) await forgetWaits(base, doors);
      return 'again';
    }
    const link = await open(stored);
    if (link === 'no session') return giveUp(`there is no Telegram session yet: run ${commandHint('login')}`);
    if (signal.aborted) {
      await link.close();
      return 'over';
    }
    try {
      self = await whoAmI(link);
      await listeners.onSignedIn(self, link.call);
    } catch (error) {
      await link.close();
      throw error;
    }
    await live(link, self);
    return 'again';
  };

  /** From the moment that a connection is signed in until its loss. */
  const live = async (link: Link, me: TelegramSelf): Promise<void> => {
    const since = clock.now();
    current = link;
    refusals.forget();
    settle(() => connectedAs(me));
    notice('connected', { selfId: me.id, username: me.username, failures });
    if (me.isBot && sight !== sightOf(me)) {
      sight = sightOf(me);
      notice('privacy-mode', { selfId: me.id, sight });
    }
    const stopProbe = probe(base, link, listeners.onState);
    listeners.onUp();
    void addresses.refresh(link.call);
    const end = await link.ended;
    current = undefined;
    listeners.onLost();
    stopProbe();
    if (clock.now() - since >= STABLE_MS) failures = 0;
    if (end === 'key-forgotten') throw new KeyForgotten();
    if (!signal.aborted) throw notConnected('the connection was lost');
  };

  const failed = async (cause: unknown): Promise<'again' | 'over'> => {
    const prospect = await refusals.judge(cause);
    if (prospect.kind === 'never') return giveUp(prospect.why);
    if (prospect.kind === 'later') await backOff(prospect.why, prospect.atLeastMs);
    return 'again';
  };

  const run = async (): Promise<void> => {
    for (let next: 'again' | 'over' = 'again'; next === 'again' && !signal.aborted; ) {
      try {
        next = await attempt();
      } catch (error) {
        if (signal.aborted) return;
        try {
          next = await failed(error);
        } catch (storage) {
          notice('connection-state-not-stored', { reason: reasonOf(storage), error: storage });
          await pause(clock, timing.reconnectCapMs, signal);
        }
      }
    }
  };

  return {
    start: () => {
      running ??= run();
      return known.promise;
    },
    stop: async () => {
      stopping.abort();
      await current?.close();
      await running;
      settle(() => down('stopped'));
    },
    call: async (request, timeoutMs) => {
      const link = current;
      if (!link) throw notConnected(status().detail);
      try {
        return await link.call(request, timeoutMs);
      } catch (error) {
        // The account itself is refused: the connection's next opening finds out what that means.
        if (portErrorOf(error).code === 'unauthorised') void link.close('lost');
        throw error;
      }
    },
    download: async (location, file) => {
      if (!current) throw notConnected(status().detail);
      return current.download(location, file);
    },
    self: () => self,
    renamed: (people) => {
      const renaming = people.findLast(({ userId }) => Number(userId) === self?.id);
      if (!self || !renaming) return;
      const username = renaming.usernames.find(({ active }) => active)?.username;
      const { username: _, ...others } = self;
      self = { ...others, ...present({ username }) };
      const me = self;
      if (current) settle(() => connectedAs(me));
      notice('username-changed', { selfId: self.id, username });
    },
    health: () => ({ name: 'telegram', ...status() }),
  };
};
