import { present } from '../../../domain/shared/present.ts';
import { noticesOf, PortError } from '../../../ports/index.ts';
import { OtherAccount, refuseOther } from '../client/account.ts';
import { portErrorOf, rpcErrorOf } from '../client/errors.ts';
import { closedUntil, doorsOf } from '../client/flood-waits.ts';
import type { Link } from '../client/link.ts';
import { trustServerKey } from '../client/server-key.ts';
import { DEFAULT_TIMING, type TelegramBase, type TelegramSelf, type TelegramSettings } from '../client/settings.ts';
import { keepSession, whoAmI } from '../client/sign-in.ts';
import type { LoginAccount } from './login-account.ts';

export const baseOf = (
  { settings, state, clock, randomness, events }: LoginAccount,
  account: TelegramSettings['account'],
): TelegramBase => {
  if (settings.dc?.publicKeyPem !== undefined) trustServerKey(settings.dc.publicKeyPem);
  return {
    state,
    clock,
    randomness,
    notice: noticesOf(events, 'telegram'),
    settings: { ...settings, account },
    timing: { ...DEFAULT_TIMING, ...present(settings.timing ?? {}) },
  };
};

/**
 * Signs a person's account in by `steps`, which hand the connection to `keep` once it is signed in: its session is kept
 * in place of any other. Rejects with PortError: `rate-limited` with its end (which is kept: asking again before it
 * makes it longer), `unauthorised` where Telegram wants something that only its own apps can do, and where the data is
 * another account's.
 */
export const signInAs = async (
  account: LoginAccount,
  steps: (base: TelegramBase, keep: (link: Link) => Promise<TelegramSelf>) => Promise<TelegramSelf>,
): Promise<TelegramSelf> => {
  const base = baseOf(account, { kind: 'user' });
  const { state, clock } = base;
  const barredUntil = await closedUntil(base, doorsOf(undefined));
  if (barredUntil !== undefined) {
    const retryAfterMs = barredUntil - clock.now();
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw new PortError('rate-limited', `Telegram wants no sign-in for another ${seconds} s`, { retryable: true, retryAfterMs });
  }
  try {
    return await steps(base, async (link) => {
      const self = await whoAmI(link);
      await refuseOther(state, self);
      await keepSession(base, link);
      return self;
    });
  } catch (error) {
    if (error instanceof OtherAccount) throw refused(error.message);
    const words = WORDS[rpcErrorOf(error) ?? ''];
    throw words === undefined ? portErrorOf(error) : refused(`${words} (${rpcErrorOf(error)})`);
  }
};

export const refused = (words: string): PortError => new PortError('unauthorised', words, { retryable: false });

export const NO_ACCOUNT = 'no Telegram account has this telephone number: make one with a Telegram app first';

/** What a person can do about a refusal. */
const WORDS: Readonly<Record<string, string>> = {
  PHONE_NUMBER_BANNED: 'Telegram has banned this telephone number: see https://telegram.org/support',
  PHONE_NUMBER_FLOOD: 'codes were asked for too often for this telephone number: try again tomorrow',
  PHONE_PASSWORD_FLOOD: 'somebody has tried to log in too often with this telephone number: try again tomorrow',
  PHONE_NUMBER_UNOCCUPIED: NO_ACCOUNT,
  UPDATE_APP_TO_LOGIN: 'Telegram wants a newer app for this sign-in: update Kept',
};
