import { Api } from 'telegram/tl/index.js';
import { rpcErrorOf } from '../client/errors.ts';
import { heedFlood } from '../client/flood-waits.ts';
import { type LinkOptions, openLink } from '../client/link.ts';
import { firstStart } from '../client/session.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import { atHome } from '../client/sign-in.ts';
import { updatesIn } from '../client/updates-in.ts';
import { pause } from '../client/within-time.ts';
import { type Line, makeLine } from './line.ts';
import type { LoginAccount } from './login-account.ts';
import type { PasswordQuestion } from './questions.ts';
import { enterPassword } from './second-factor.ts';
import { refused, signInAs } from './sign-in-as.ts';

/** How the person at the keyboard is shown a code, and asked. */
export interface QrPrompts {
  /** Shows a link as a QR code in place of the one before, which is not valid any more. */
  readonly showCode: (link: string) => void | Promise<void>;
  /** The second factor, where the account has one. */
  readonly askPassword: (question: PasswordQuestion) => Promise<string>;
}

/** How many codes are shown before the sign-in ends: each is good for about half a minute. */
const CODES = 20;
/** How long before its end a code is replaced, and the bounds of that: the clock of this machine may be wrong. */
const EARLY_MS = 3_000;
const SHOWN_MS = { least: 5_000, most: 27_000 };

/**
 * Signs a person's account in by a QR code that is scanned with an app of that account
 * (https://core.telegram.org/api/qr-login), and keeps its session in `state`, in place of any other. Rejects with
 * PortError: those of `signInAs`, and `unauthorised` where nobody scans a code, and after three wrong passwords.
 */
export const loginByQr = ({ showCode, askPassword, ...account }: QrPrompts & LoginAccount): Promise<TelegramSelf> =>
  signInAs(account, async (base, keep) => {
    const wake = makeWake();
    const options: LinkOptions = {
      onUpdates: (updates) => {
        if (updatesIn(updates).some((update) => update instanceof Api.UpdateLoginToken)) wake.now();
      },
    };
    const { apiId, apiHash } = base.settings;
    const ask = new Api.auth.ExportLoginToken({ apiId, apiHash, exceptIds: [] });
    const opened = await atHome(base, firstStart(base.settings), options, (link) => heedFlood(base, 'login', () => link.call(ask)));
    let line = makeLine(base, opened.link, options);
    try {
      let answer: Api.auth.TypeLoginToken | 'password' = opened.result;
      for (let shown = 0; !(answer instanceof Api.auth.LoginTokenSuccess); ) {
        if (answer === 'password') {
          await enterPassword(base, line.call, askPassword);
          break;
        }
        if (answer instanceof Api.auth.LoginTokenMigrateTo) {
          line = await moved(base, line, answer.dcId, options);
          answer = await accepted(base, line, new Api.auth.ImportLoginToken({ token: answer.token }), ask);
          continue;
        }
        if (shown === CODES) throw refused('nobody has scanned a code: start the login again');
        shown += 1;
        await showCode(`tg://login?token=${answer.token.toString('base64url')}`);
        await wake.within(base, Math.min(SHOWN_MS.most, Math.max(SHOWN_MS.least, answer.expires * 1000 - EARLY_MS - base.clock.now())));
        answer = await accepted(base, line, ask, ask);
      }
      return await keep(line.link());
    } finally {
      await line.close();
    }
  });

/** A wait that an update ends, also one that came before. */
const makeWake = () => {
  let waiting = new AbortController();
  return {
    now: (): void => waiting.abort(),
    within: async ({ clock }: TelegramBase, ms: number): Promise<void> => {
      await pause(clock, ms, waiting.signal);
      waiting = new AbortController();
    },
  };
};

/** The same sign-in in the data centre of the account that has scanned the code. */
const moved = async (base: TelegramBase, line: Line, dcId: number, options: LinkOptions): Promise<Line> => {
  const address = await line.link().addressOf(dcId);
  const link = await heedFlood(base, 'opening', () => openLink(base, address, options));
  await line.close();
  return makeLine(base, link, options);
};

/** Said of a token whose time is over, or that was used: the next one is shown. */
const OVER = /^AUTH_TOKEN_(EXPIRED|INVALIDX?|ALREADY_ACCEPTED)$/;

const accepted = async (
  base: TelegramBase,
  line: Line,
  request: Api.auth.ExportLoginToken | Api.auth.ImportLoginToken,
  another: Api.auth.ExportLoginToken,
): Promise<Api.auth.TypeLoginToken | 'password'> => {
  try {
    return await heedFlood(base, 'login', () => line.call(request));
  } catch (error) {
    const name = rpcErrorOf(error) ?? '';
    if (name === 'SESSION_PASSWORD_NEEDED') return 'password';
    if (request === another || !OVER.test(name)) throw error;
    return accepted(base, line, another, another);
  }
};
