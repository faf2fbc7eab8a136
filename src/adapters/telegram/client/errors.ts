import { commandHint } from '../../../domain/index.ts';
import { isPortError, PortError, type PortErrorCode } from '../../../ports/index.ts';

/**
 * What Telegram called the failure (https://core.telegram.org/api/errors), such as `FLOOD_WAIT_30`; undefined for
 * anything else thrown.
 */
export const rpcErrorOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'errorMessage' in error && typeof error.errorMessage === 'string'
    ? error.errorMessage
    : undefined;

const logInAgain = (): string => `log in again with ${commandHint('login')} (a bot: check its token)`;
const BANNED = 'Telegram has closed or banned this account: see https://telegram.org/support, or use another account';

/** Refusals of the account itself, with what to do about them. */
const unauthorised = (): Readonly<Record<string, string>> => ({
  AUTH_KEY_UNREGISTERED: `the session is not signed in: ${logInAgain()}`,
  AUTH_KEY_INVALID: `the session's key is not valid: ${logInAgain()}`,
  AUTH_KEY_PERM_EMPTY: `the session's key is not valid: ${logInAgain()}`,
  AUTH_KEY_DUPLICATED: `the session was used from two places at once, and Telegram has ended it: stop the other one, then ${logInAgain()}`,
  SESSION_REVOKED: `the session was ended from another device: ${logInAgain()}`,
  SESSION_EXPIRED: `the session has expired: ${logInAgain()}`,
  USER_DEACTIVATED: BANNED,
  USER_DEACTIVATED_BAN: BANNED,
  FROZEN_METHOD_INVALID: 'Telegram has frozen this account: open Telegram with it to appeal',
  ACCESS_TOKEN_INVALID: "Telegram does not know the bot's token: copy it again from @BotFather",
  ACCESS_TOKEN_EXPIRED: "the bot's token was revoked: take the new one from @BotFather",
  API_ID_INVALID: 'TELEGRAM_API_ID and TELEGRAM_API_HASH do not belong together: copy both from https://my.telegram.org',
  API_ID_PUBLISHED_FLOOD: 'this TELEGRAM_API_ID is not allowed here: get your own from https://my.telegram.org',
});

/** A spam limit has no stated end. */
const PEER_FLOOD_WAIT_MS = 60 * 60_000;

interface Verdict {
  readonly code: PortErrorCode;
  readonly retryable: boolean;
  readonly words: string;
  readonly retryAfterMs?: number;
  readonly scope?: 'chat';
}

const waitOf = (name: string): Verdict | undefined => {
  const [, kind, seconds] = /^(FLOOD_WAIT|FLOOD_PREMIUM_WAIT|SLOWMODE_WAIT|FLOOD_TEST_PHONE_WAIT)_(\d+)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const wait = {
    code: 'rate-limited',
    retryable: true,
    retryAfterMs: Number(seconds) * 1000,
    words: `it asks to wait ${seconds} s (${name})`,
  } as const;
  return kind === 'SLOWMODE_WAIT' ? { ...wait, scope: 'chat' } : wait;
};

/** Said of a call that was not executed for a reason that is not its own. */
const PASSING = /^(MSG_WAIT_FAILED|MSG_WAIT_TIMEOUT|RPC_CALL_FAIL|RPC_MCGET_FAIL|TIMEOUT|Timeout|CONNECTION_.*|.*_MIGRATE_\d+)$/;

const verdictOn = (name: string, status: number): Verdict => {
  const wait = waitOf(name);
  if (wait) return wait;
  const advice = unauthorised()[name];
  if (advice) return { code: 'unauthorised', retryable: false, words: `${advice} (${name})` };
  if (name === 'PEER_FLOOD')
    return {
      code: 'rate-limited',
      retryable: true,
      retryAfterMs: PEER_FLOOD_WAIT_MS,
      scope: 'chat',
      words: `too many strangers (${name})`,
    };
  if (PASSING.test(name)) return { code: 'unavailable', retryable: true, words: name };
  if (status === 401) return { code: 'unauthorised', retryable: false, words: `${logInAgain()} (${name})` };
  if (status === 420 || status === 429) return { code: 'rate-limited', retryable: true, words: name };
  if (status === 400 || status === 403 || status === 404 || status === 406)
    return { code: 'invalid-request', retryable: false, words: name };
  if (Math.abs(status) >= 500) return { code: 'unavailable', retryable: true, words: name };
  return { code: 'unknown', retryable: true, words: name };
};

/** The failure in the words of the ports. What is one already stays as it is. */
export const portErrorOf = (error: unknown): PortError => {
  if (isPortError(error)) return error;
  const name = rpcErrorOf(error);
  if (name === undefined) return new PortError('unknown', 'Telegram could not be used', { retryable: true, cause: error });
  const status = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number' ? error.code : 0;
  const { code, words, ...facts } = verdictOn(name, status);
  return new PortError(code, `Telegram: ${words}`, { ...facts, cause: error });
};

/** A call that could not be made, or whose end is not known: it may have been executed. */
export const notConnected = (why: string, cause?: unknown): PortError =>
  new PortError('unavailable', `${NOT_CONNECTED}${whyNot(why)}`, { retryable: true, cause });

const NOT_CONNECTED = 'Telegram is not connected: ';

/** The reason alone, where it says already that there is no connection. */
export const whyNot = (why: string): string =>
  why.replace(NOT_CONNECTED, '').replace(/^not connected \((.*)\); trying again, attempt \d+$/, '$1');
