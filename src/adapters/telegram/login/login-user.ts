import { computeCheck } from 'telegram/Password.js';
import { Api } from 'telegram/tl/index.js';
import { present } from '../../../domain/shared/present.ts';
import { type Clock, type GatewayState, type Logger, PortError, type Randomness } from '../../../ports/index.ts';
import { OtherAccount, refuseOther } from '../connection/account.ts';
import { closedUntil, doorsOf, heedFlood } from '../connection/flood-waits.ts';
import type { Link } from '../connection/link.ts';
import { trustServerKey } from '../connection/server-key.ts';
import { firstStart } from '../connection/session.ts';
import { atHome, keepSession, whoAmI } from '../connection/sign-in.ts';
import { portErrorOf, rpcErrorOf } from '../errors.ts';
import { DEFAULT_TIMING, type TelegramBase, type TelegramSelf, type TelegramSettings } from '../settings.ts';

/** How the person at the keyboard is asked. What they answer is sent to Telegram and kept nowhere. */
export interface LoginPrompts {
  /** In international form, with or without `+` and spaces. */
  readonly phone: string;
  /** `retry` when the last one was wrong. */
  readonly askCode: (question: { readonly sentTo: 'app' | 'other'; readonly retry: boolean }) => Promise<string>;
  /** The second factor, where the account has one; `hint` is the account's own. */
  readonly askPassword: (question: { readonly hint?: string; readonly retry: boolean }) => Promise<string>;
}

const ATTEMPTS = 3;

/**
 * Signs a person's account in, and keeps its session in `state`, in place of any other. Rejects with PortError: `rate-limited` with its end (which is kept: asking
 * again before it makes it longer), `unauthorised` after three wrong codes or passwords, and where the data is another account's, `invalid-request` for a telephone number that Telegram refuses.
 */
export const loginUser = async ({
  settings,
  state,
  clock,
  randomness,
  logger,
  ...prompts
}: LoginPrompts & {
  readonly settings: Omit<TelegramSettings, 'account'>;
  readonly state: GatewayState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}): Promise<TelegramSelf> => {
  const base: TelegramBase = {
    ...{ state, clock, randomness, logger: logger.child('telegram') },
    settings: { ...settings, account: { kind: 'user' } },
    timing: { ...DEFAULT_TIMING, ...present(settings.timing ?? {}) },
  };
  if (settings.dc?.publicKeyPem !== undefined) trustServerKey(settings.dc.publicKeyPem);
  const barredUntil = await closedUntil(base, doorsOf(undefined));
  if (barredUntil !== undefined) {
    const retryAfterMs = barredUntil - clock.now();
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw new PortError('rate-limited', `Telegram wants no sign-in for another ${seconds} s`, { retryable: true, retryAfterMs });
  }
  try {
    const { apiId, apiHash } = settings;
    const phoneNumber = prompts.phone.replace(/[^\d+]/g, '');
    const ask = new Api.auth.SendCode({ phoneNumber, apiId, apiHash, settings: new Api.CodeSettings({}) });
    const { link, result } = await atHome(base, firstStart(base.settings), { onUpdates: () => undefined }, (link) =>
      heedFlood(base, 'login', () => link.call(ask)),
    );
    try {
      if (result instanceof Api.auth.SentCode) await enter(base, link, phoneNumber, result, prompts);
      else if (!(result instanceof Api.auth.SentCodeSuccess)) throw refused('Telegram wants this sign-in to be paid for');
      const self = await whoAmI(link);
      await refuseOther(state, self);
      await keepSession(base, link);
      return self;
    } finally {
      await link.close();
    }
  } catch (error) {
    if (error instanceof OtherAccount) throw refused(error.message);
    throw portErrorOf(error);
  }
};

const refused = (words: string): PortError => new PortError('unauthorised', words, { retryable: false });

const enter = async (
  base: TelegramBase,
  link: Link,
  phoneNumber: string,
  { phoneCodeHash, type }: Api.auth.SentCode,
  prompts: LoginPrompts,
): Promise<void> => {
  const sentTo = type instanceof Api.auth.SentCodeTypeApp ? 'app' : 'other';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const phoneCode = (await prompts.askCode({ sentTo, retry: attempt > 0 })).trim();
    try {
      const entered = await heedFlood(base, 'login', () => link.call(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, phoneCode })));
      if (entered instanceof Api.auth.AuthorizationSignUpRequired)
        throw refused('no Telegram account has this telephone number: make one with a Telegram app first');
      return;
    } catch (error) {
      const name = rpcErrorOf(error);
      if (name === 'SESSION_PASSWORD_NEEDED') return secondFactor(base, link, prompts);
      if (name === 'PHONE_CODE_EXPIRED') throw refused('the code has expired: begin anew for a fresh one');
      if (name !== 'PHONE_CODE_INVALID' && name !== 'PHONE_CODE_EMPTY') throw error;
    }
  }
  throw refused('the code was wrong three times: begin anew');
};

const secondFactor = async (base: TelegramBase, link: Link, { askPassword }: LoginPrompts): Promise<void> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Each try needs parameters of its own (https://core.telegram.org/api/srp).
    const account = await link.call(new Api.account.GetPassword());
    const password = await askPassword({ retry: attempt > 0, ...(account.hint ? { hint: account.hint } : {}) });
    try {
      const check = await computeCheck(account, password);
      await heedFlood(base, 'login', () => link.call(new Api.auth.CheckPassword({ password: check })));
      return;
    } catch (error) {
      if (rpcErrorOf(error) !== 'PASSWORD_HASH_INVALID') throw error;
    }
  }
  throw refused('the password was wrong three times');
};
