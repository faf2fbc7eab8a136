import { Api } from 'telegram/tl/index.js';
import type { HealthCheck } from '../../../domain/index.ts';
import { isPortError, reasonOf } from '../../../ports/index.ts';
import { notConnected, portErrorOf } from '../errors.ts';
import type { TelegramBase, TelegramSelf } from '../settings.ts';
import { type Call, KeyForgotten, type Link, openLink } from './link.ts';
import { firstStart, forgetSession, loadSession } from './session.ts';
import { signInBarredUntil, signInBot, whoAmI } from './sign-in.ts';
import { pause } from './within-time.ts';

/** A connection that is always there again: lost, silent or refused, it is opened anew for as long as it takes. */
export interface Connection {
  /** Resolves when it is first known how things stand: connected, refused for good, or not reachable for now. Never rejects. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Over the connection of the moment; rejects with PortError `unavailable` at once while there is none. */
  readonly call: Call;
  readonly download: Link['download'];
  readonly self: () => TelegramSelf | undefined;
  readonly health: () => HealthCheck;
}

/** A connection that held for this long was a good one: the next loss is met with the shortest wait. */
const STABLE_MS = 30_000;
/** A server may forget a key by mistake: so often it is tried again before the session counts as lost. */
const KEY_TRIALS = 3;
/** A bot that loses its session more often than this has a trouble that signing in does not mend. */
const SIGN_IN_ANEW_MS = 60 * 60_000;

export const makeConnection = (
  base: TelegramBase,
  listeners: {
    readonly onUpdates: (updates: Api.TypeUpdates) => void;
    /** For each connection that is signed in, before it counts as up. */
    readonly onSignedIn: (self: TelegramSelf, call: Call) => Promise<void>;
    readonly onUp: () => void;
    /** What the probe has found of the account's state. */
    readonly onState: (state: Api.updates.State) => void;
  },
): Connection => {
  const { settings, timing, state, clock, randomness, logger } = base;
  const stopping = new AbortController();
  const { signal } = stopping;
  let current: Link | undefined;
  let self: TelegramSelf | undefined;
  let status: Omit<HealthCheck, 'name'> = { status: 'down', detail: 'not started' };
  let failures = 0;
  let forgottenKeys = 0;
  let signedInAnewAt = Number.NEGATIVE_INFINITY;
  const known = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;

  const settle = (next: typeof status): void => {
    status = next;
    known.resolve();
  };

  const backOff = async (why: string, atLeastMs = 0): Promise<void> => {
    failures += 1;
    const longest = Math.min(timing.reconnectCapMs, timing.reconnectFirstMs * 2 ** Math.min(failures - 1, 16));
    const waitMs = Math.max(atLeastMs, Math.round(longest * (1 - randomness.fraction() / 2)));
    settle({ status: 'down', detail: `not connected (${why}); trying again, attempt ${failures + 1}` });
    logger[failures === 1 ? 'info' : 'warn']({ reason: why, failures, waitMs }, 'Telegram is not connected; trying again');
    await pause(clock, waitMs, signal);
  };

  const open = async (): Promise<Link | 'no session'> => {
    const stored = await loadSession(state, settings);
    if (stored) return openLink(base, stored, { onUpdates: listeners.onUpdates, signal });
    if (settings.account.kind === 'user') return 'no session';
    return signInBot(base, firstStart(settings), settings.account.token, { onUpdates: listeners.onUpdates, signal });
  };

  /** The end of it: nothing is tried again before somebody has acted. */
  const giveUp = (detail: string): 'over' => {
    settle({ status: 'down', detail });
    logger.error({ reason: detail }, 'Telegram does not let this account in; messages wait until somebody has seen to it and restarted');
    return 'over';
  };

  /** A bot has its token still, and signs in once more. Everybody else has to act. */
  const sessionLost = async (why: string): Promise<'again' | 'over'> => {
    const mayAgain = settings.account.kind === 'bot' && clock.now() - signedInAnewAt >= SIGN_IN_ANEW_MS;
    if (!mayAgain || (await loadSession(state, settings)) === undefined) return giveUp(why);
    signedInAnewAt = clock.now();
    await forgetSession(state);
    logger.warn({ reason: why }, "the bot's session is lost; it signs in once more with its token");
    return 'again';
  };

  const attempt = async (): Promise<'again' | 'over'> => {
    const barredUntil = await signInBarredUntil(base);
    if (barredUntil !== undefined && (await loadSession(state, settings)) === undefined) {
      const waitMs = barredUntil - clock.now();
      settle({
        status: 'down',
        detail: `Telegram wants no sign-in for another ${Math.ceil(waitMs / 1000)} s (flood wait); waiting for it`,
      });
      logger.warn({ waitMs }, 'Telegram asked to wait before the next sign-in');
      await pause(clock, waitMs, signal);
      return 'again';
    }
    const link = await open();
    if (link === 'no session') return giveUp('there is no Telegram session yet: run "kept login"');
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
    forgottenKeys = 0;
    settle({ status: 'ok', detail: `connected as ${me.username === undefined ? me.id : `@${me.username}`}` });
    logger.info({ selfId: me.id, username: me.username, failures }, 'connected to Telegram');
    const stopProbe = watch(link);
    listeners.onUp();
    const end = await link.ended;
    current = undefined;
    stopProbe();
    if (clock.now() - since >= STABLE_MS) failures = 0;
    if (end === 'key-forgotten') throw new KeyForgotten();
    if (!signal.aborted) throw notConnected('the connection was lost');
  };

  /** A connection may be open and dead: it is asked now and then, and one that does not answer is closed. */
  const watch = (link: Link): (() => void) => {
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = clock.after(timing.probeIntervalMs, () => void probe());
    };
    const probe = async (): Promise<void> => {
      try {
        listeners.onState(await link.call(new Api.updates.GetState(), timing.probeTimeoutMs));
        if (current === link) arm();
      } catch (error) {
        const failure = portErrorOf(error);
        if (failure.code === 'rate-limited' && current === link) return arm();
        logger.warn({ reason: failure.message }, 'the connection to Telegram does not answer; it is opened anew');
        await link.close('lost');
      }
    };
    arm();
    return () => cancel();
  };

  const failed = async (cause: unknown): Promise<'again' | 'over'> => {
    const error = cause instanceof KeyForgotten ? cause : portErrorOf(cause);
    if (error instanceof KeyForgotten) {
      forgottenKeys += 1;
      if (forgottenKeys >= KEY_TRIALS) {
        forgottenKeys = 0;
        return sessionLost(`Telegram has forgotten the session's key: log in again with "kept login"`);
      }
    } else {
      if (error.code === 'unauthorised') return sessionLost(error.message);
      // The end of a sign-in's flood wait is stored: the next attempt looks it up.
      if (error.code === 'rate-limited' && (await signInBarredUntil(base)) !== undefined) return 'again';
    }
    await backOff(reasonOf(error), isPortError(error) ? error.retryAfterMs : undefined);
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
          logger.error({ reason: reasonOf(storage), error: storage }, 'the state of the Telegram connection could not be stored');
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
      settle({ status: 'down', detail: 'stopped' });
    },
    call: async (request, timeoutMs) => {
      const link = current;
      if (!link) throw notConnected(status.detail);
      try {
        return await link.call(request, timeoutMs);
      } catch (error) {
        // The account itself is refused: the connection's next opening finds out what that means.
        if (portErrorOf(error).code === 'unauthorised') void link.close('lost');
        throw error;
      }
    },
    download: async (location, file) => {
      if (!current) throw notConnected(status.detail);
      return current.download(location, file);
    },
    self: () => self,
    health: () => ({ name: 'telegram', ...status }),
  };
};
