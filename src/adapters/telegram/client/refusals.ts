import { commandHint } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { reasonOf } from '../../../ports/index.ts';
import { OtherAccount } from './account.ts';
import { portErrorOf, rpcErrorOf } from './errors.ts';
import { closedUntil, doorsOf } from './flood-waits.ts';
import { KeyForgotten } from './link.ts';
import { forgetSession, loadSession } from './session.ts';
import type { TelegramBase } from './settings.ts';

/** What becomes of an account whose connection could not be opened, or was lost. */
export type Prospect =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly why: string; readonly atLeastMs?: number }
  /** Nothing is tried again before somebody has acted. */
  | { readonly kind: 'never'; readonly why: string };

/** A server may forget a key by mistake: so often it is tried again before the session counts as lost. */
const KEY_TRIALS = 3;
/** A bot that loses its session more often than this has a trouble that signing in does not mend. */
const SIGN_IN_ANEW_MS = 60 * 60_000;

/** Of the account or the application, not of the session: signing in again is refused as well. */
const LEAVES_SESSION = /^(USER_DEACTIVATED|FROZEN_|API_ID_)/;

export const makeRefusals = (base: TelegramBase) => {
  const { settings, state, clock, notice } = base;
  let forgottenKeys = 0;
  let signedInAnewAt = Number.NEGATIVE_INFINITY;

  /** A bot has its token still, and signs in once more. Everybody else has to act. */
  const sessionLost = async (why: string): Promise<Prospect> => {
    const mayAgain = settings.account.kind === 'bot' && clock.now() - signedInAnewAt >= SIGN_IN_ANEW_MS;
    if (!mayAgain || (await loadSession(state, settings)) === undefined) return { kind: 'never', why };
    signedInAnewAt = clock.now();
    await forgetSession(state);
    notice('session-lost', { reason: why });
    return { kind: 'now' };
  };

  return {
    /** Rejects when storage does. */
    judge: async (cause: unknown): Promise<Prospect> => {
      if (cause instanceof KeyForgotten) {
        forgottenKeys += 1;
        if (forgottenKeys < KEY_TRIALS) return { kind: 'later', why: reasonOf(cause) };
        forgottenKeys = 0;
        return sessionLost(`Telegram has forgotten the session's key: log in again with ${commandHint('login')}`);
      }
      if (cause instanceof OtherAccount) return { kind: 'never', why: cause.message };
      const failure = portErrorOf(cause);
      const { code, retryAfterMs } = failure;
      const why = failure.message.replace(/^Telegram: /, '');
      if (code === 'unauthorised') return LEAVES_SESSION.test(rpcErrorOf(failure.cause) ?? '') ? { kind: 'never', why } : sessionLost(why);
      // The end of a flood wait is stored: the next attempt looks it up.
      if (code === 'rate-limited' && (await closedUntil(base, doorsOf(await loadSession(state, settings)))) !== undefined)
        return { kind: 'now' };
      return { kind: 'later', why, ...present({ atLeastMs: retryAfterMs }) };
    },
    /** A connection was signed in. */
    forget: (): void => {
      forgottenKeys = 0;
    },
  };
};
