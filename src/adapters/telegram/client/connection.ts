import type { Api } from 'telegram/tl/index.js';
import { commandHint, type HealthCheck } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { reasonOf } from '../../../ports/index.ts';
import { makeAddresses } from './addresses.ts';
import { notConnected, portErrorOf } from './errors.ts';
import { type Call, KeyForgotten, type Link } from './link.ts';
import { makeOpenSession } from './opening.ts';
import { probe } from './probe.ts';
import { makeRefusals } from './refusals.ts';
import { loadSession } from './session.ts';
import type { TelegramBase, TelegramSelf } from './settings.ts';
import { whoAmI } from './sign-in.ts';
import { connectedAs, down, makeAnnounce, makeStatusBoard } from './status.ts';
import { makeWaits } from './waits.ts';
import { pause } from './within-time.ts';

/** A connection that is opened again until that succeeds, when it is lost, silent or refused. */
export interface Connection {
  /** Resolves when the first status is known: connected, refused for good, or not reachable for now. Never rejects. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Over the connection of the moment; rejects with PortError `unavailable` at once while there is none. */
  readonly call: Call;
  readonly download: Link['download'];
  readonly self: () => TelegramSelf | undefined;
  /** Call this when people have changed their usernames. The account itself may be one of them. */
  readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
  readonly health: () => HealthCheck;
}

export interface ConnectionListeners {
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  /** For each connection that is signed in, before it counts as up. */
  readonly onSignedIn: (self: TelegramSelf, call: Call) => Promise<void>;
  readonly onUp: () => void;
  /** When a connection that was up is lost, before another one is opened. */
  readonly onLost: () => void;
  /** What the probe has found of the account's state. */
  readonly onState: (state: Api.updates.State) => void;
}

/** A connection that held for this long was a good one: the next loss is met with the shortest wait. */
const STABLE_MS = 30_000;

type Next = 'again' | 'over';

const untilOver = async (attempt: () => Promise<Next>, failed: (cause: unknown) => Promise<Next>, signal: AbortSignal): Promise<void> => {
  for (let next: Next = 'again'; next === 'again' && !signal.aborted; ) {
    try {
      next = await attempt();
    } catch (error) {
      if (signal.aborted) return;
      next = await failed(error);
    }
  }
};

/** The account under its new name; undefined where none of these people is it. */
const renamedSelf = (self: TelegramSelf, people: readonly Api.UpdateUserName[]): TelegramSelf | undefined => {
  const renaming = people.findLast(({ userId }) => Number(userId) === self.id);
  const { username: _, ...others } = self;
  return renaming && { ...others, ...present({ username: renaming.usernames.find(({ active }) => active)?.username }) };
};

export const makeConnection = (base: TelegramBase, listeners: ConnectionListeners): Connection => {
  const { settings, timing, state, clock, notice } = base;
  const stopping = new AbortController();
  const { signal } = stopping;
  const board = makeStatusBoard();
  const announce = makeAnnounce(board, notice);
  const waits = makeWaits(base, board, signal);
  const addresses = makeAddresses(base);
  const openSession = makeOpenSession(base, addresses);
  const refusals = makeRefusals(base);
  let current: Link | undefined;
  let self: TelegramSelf | undefined;
  let running: Promise<void> | undefined;

  const onUpdates = (updates: Api.TypeUpdates): void => {
    if (addresses.heed(updates) && current) void addresses.refresh(current.call);
    listeners.onUpdates(updates);
  };

  /** Nothing is tried again before somebody has acted. */
  const giveUp = (message: string): Next => {
    board.show(() => down(message));
    notice('account-refused', { reason: message });
    return 'over';
  };

  const attempt = async (): Promise<Next> => {
    const stored = await loadSession(state, settings);
    if (await waits.heedFlood(stored)) return 'again';
    const link = await openSession(stored, { onUpdates, signal });
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
    await stayUp(link, self);
    return 'again';
  };

  /** From the moment that a connection is signed in until its loss. */
  const stayUp = async (link: Link, me: TelegramSelf): Promise<void> => {
    const since = clock.now();
    current = link;
    refusals.forget();
    announce(me, waits.failures);
    const stopProbe = probe(base, link, listeners.onState);
    listeners.onUp();
    void addresses.refresh(link.call);
    const end = await link.ended;
    current = undefined;
    listeners.onLost();
    stopProbe();
    if (clock.now() - since >= STABLE_MS) waits.restart();
    if (end === 'key-forgotten') throw new KeyForgotten();
    if (!signal.aborted) throw notConnected('the connection was lost');
  };

  const failed = async (cause: unknown): Promise<Next> => {
    try {
      const prospect = await refusals.judge(cause);
      if (prospect.kind === 'never') return giveUp(prospect.why);
      if (prospect.kind === 'later') await waits.backOff(prospect.why, prospect.atLeastMs ?? 0);
    } catch (storage) {
      notice('connection-state-not-stored', { reason: reasonOf(storage), error: storage });
      await pause(clock, timing.reconnectCapMs, signal);
    }
    return 'again';
  };

  return {
    start: () => {
      running ??= untilOver(attempt, failed, signal);
      return board.known;
    },
    stop: async () => {
      stopping.abort();
      await current?.close();
      await running;
      board.show(() => down('stopped'));
    },
    call: async (request, timeoutMs) => {
      const link = current;
      if (!link) throw notConnected(board.read().message);
      try {
        return await link.call(request, timeoutMs);
      } catch (error) {
        // The account itself is refused: the connection's next opening finds out what that means.
        if (portErrorOf(error).code === 'unauthorised') void link.close('lost');
        throw error;
      }
    },
    download: async (location, file) => {
      if (!current) throw notConnected(board.read().message);
      return current.download(location, file);
    },
    self: () => self,
    renamed: (people) => {
      const me = self && renamedSelf(self, people);
      if (!me) return;
      self = me;
      if (current) board.show(() => connectedAs(me));
      notice('username-changed', { selfId: me.id, username: me.username });
    },
    health: () => ({ id: 'gateway.telegram', ...board.read() }),
  };
};
