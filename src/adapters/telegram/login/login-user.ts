import { Api } from 'telegram/tl/index.js';
import { rpcErrorOf } from '../client/errors.ts';
import { heedFlood } from '../client/flood-waits.ts';
import { firstStart } from '../client/session.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import { atHome } from '../client/sign-in.ts';
import { codeIn, questionOf, readSentCode, type SentCode, signInBy, withoutNext } from './code.ts';
import { type Line, makeLine, NO_UPDATES } from './line.ts';
import type { LoginAccount } from './login-account.ts';
import type { CodeQuestion, PasswordQuestion } from './questions.ts';
import { enterPassword } from './second-factor.ts';
import { NO_ACCOUNT, refused, signInAs } from './sign-in-as.ts';

/** How the person at the keyboard is asked. What they answer is sent to Telegram and kept nowhere. */
export interface LoginPrompts {
  /** In international form, with or without `+` and spaces. */
  readonly phone: string;
  readonly askCode: (question: CodeQuestion) => Promise<string>;
  /** The second factor, where the account has one. */
  readonly askPassword: (question: PasswordQuestion) => Promise<string>;
}

const ATTEMPTS = 3;
/** How often a person is asked for codes in one sign-in, other channels tried and all. */
const QUESTIONS = 20;
/** How often Telegram may ask to start the whole sign-in again. */
const RESTARTS = 3;

/**
 * Signs a person's account in by its telephone number, and keeps its session in `state`, in place of any other. Rejects
 * with PortError: those of `signInAs`, `unauthorised` after three wrong codes or passwords, and `invalid-request` for a
 * telephone number that Telegram refuses.
 */
export const loginUser = ({ phone, askCode, askPassword, ...account }: LoginPrompts & LoginAccount): Promise<TelegramSelf> =>
  signInAs(account, async (base, keep) => {
    const ask = requestOf(base, phone);
    const { link, result } = await atHome(base, firstStart(base.settings), NO_UPDATES, (link) =>
      unlessRestarted(() => heedFlood(base, 'login', () => link.call(ask))),
    );
    const line = makeLine(base, link);
    try {
      await signIn(base, line, ask, result, { phone, askCode, askPassword });
      return await keep(line.link());
    } finally {
      await line.close();
    }
  });

const requestOf = ({ settings: { apiId, apiHash } }: TelegramBase, phone: string): Api.auth.SendCode =>
  new Api.auth.SendCode({ phoneNumber: phone.replace(/[^\d+]/g, ''), apiId, apiHash, settings: new Api.CodeSettings({}) });

const wantsRestart = (error: unknown): boolean => /^AUTH_RESTART(_\d+)?$/.test(rpcErrorOf(error) ?? '');

/** Repeats a call that Telegram asks to repeat. */
const unlessRestarted = async <T>(step: () => Promise<T>): Promise<T> => {
  for (let restarts = 0; ; restarts++) {
    try {
      return await step();
    } catch (error) {
      if (!wantsRestart(error) || restarts === RESTARTS) throw error;
    }
  }
};

/** From the first code to an account that is signed in, from the beginning again where Telegram wants that. */
const signIn = async (
  base: TelegramBase,
  line: Line,
  ask: Api.auth.SendCode,
  first: Api.auth.TypeSentCode,
  prompts: LoginPrompts,
): Promise<void> => {
  let sent = first;
  for (let restarts = 0; ; restarts++) {
    try {
      return await enter(base, line, ask.phoneNumber, sent, restarts > 0, prompts);
    } catch (error) {
      if (!wantsRestart(error) || restarts === RESTARTS) throw error;
      sent = await unlessRestarted(() => heedFlood(base, 'login', () => line.call(ask)));
    }
  }
};

/** The code that Telegram has sent; undefined where it wants none. */
const codeOf = async (base: TelegramBase, line: Line, phoneNumber: string, sent: Api.auth.TypeSentCode): Promise<SentCode | undefined> => {
  if (sent instanceof Api.auth.SentCodeSuccess) return undefined;
  if (!(sent instanceof Api.auth.SentCode)) throw refused('Telegram wants this sign-in to be paid for: sign in with an official app first');
  if (sent.type instanceof Api.auth.SentCodeTypeSetUpEmailRequired)
    throw refused('Telegram wants a login e-mail for this account: set one in an official Telegram app first, then log in here');
  // Sent only to apps that prove to Google or Apple that they are Telegram's own: another kind is sent instead.
  if (sent.type instanceof Api.auth.SentCodeTypeFirebaseSms)
    return codeOf(base, line, phoneNumber, await resend(base, line, phoneNumber, sent.phoneCodeHash));
  return readSentCode(sent, base.clock);
};

const resend = (base: TelegramBase, line: Line, phoneNumber: string, phoneCodeHash: string): Promise<Api.auth.TypeSentCode> =>
  heedFlood(base, 'login', () => line.call(new Api.auth.ResendCode({ phoneNumber, phoneCodeHash })));

const WRONG_CODE = /^(PHONE_|EMAIL_)?CODE_(INVALID|EMPTY)$|^EMAIL_TOKEN_INVALID$/;
const EXPIRED_CODE = /^(PHONE_|EMAIL_)?CODE_EXPIRED$|^EMAIL_VERIFY_EXPIRED$/;

const enter = async (
  base: TelegramBase,
  line: Line,
  phoneNumber: string,
  first: Api.auth.TypeSentCode,
  anew: boolean,
  { askCode, askPassword }: LoginPrompts,
): Promise<void> => {
  let noOther = false;
  let next = await codeOf(base, line, phoneNumber, first);
  for (let wrong = 0, asked = 0; next; asked++) {
    const code: SentCode = next;
    if (wrong === ATTEMPTS) throw refused('the code was wrong three times: start the login again');
    if (asked === QUESTIONS) throw refused('no code was entered: start the login again when you have one');
    const question = questionOf(code, base.clock.now(), { retry: wrong > 0, anew, noOther });
    const answer = codeIn(await askCode(question), code.sentTo);
    noOther = false;
    try {
      if (answer !== '' || !question.again) {
        const request = signInBy(phoneNumber, code, answer);
        const entered = await heedFlood(base, 'login', () => line.call(request));
        if (entered instanceof Api.auth.AuthorizationSignUpRequired) throw refused(NO_ACCOUNT);
        return;
      }
      if (question.again.inMs === 0) next = await codeOf(base, line, phoneNumber, await resend(base, line, phoneNumber, code.hash));
    } catch (error) {
      const name = rpcErrorOf(error) ?? '';
      if (name === 'SESSION_PASSWORD_NEEDED') return enterPassword(base, line.call, askPassword);
      if (EXPIRED_CODE.test(name)) throw refused('the code has expired: start the login again for a new one');
      if (WRONG_CODE.test(name)) wrong += 1;
      else if (name === 'SEND_CODE_UNAVAILABLE') {
        noOther = true;
        next = withoutNext(code);
      } else throw error;
    }
  }
};
