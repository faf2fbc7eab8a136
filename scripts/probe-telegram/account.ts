import { Api } from 'telegram/tl/index.js';
import { rpcErrorOf } from '../../src/adapters/telegram/client/errors.ts';
import { type Call, type Link, openLink } from '../../src/adapters/telegram/client/link.ts';
import { firstStart, loadSession, type StoredSession } from '../../src/adapters/telegram/client/session.ts';
import type { TelegramBase } from '../../src/adapters/telegram/client/settings.ts';
import { atHome, keepSession, signInBot, whoAmI } from '../../src/adapters/telegram/client/sign-in.ts';
import { codeIn, readSentCode, signInBy } from '../../src/adapters/telegram/login/code.ts';
import { makeLine } from '../../src/adapters/telegram/login/line.ts';
import { enterPassword } from '../../src/adapters/telegram/login/second-factor.ts';
import type { Prompts } from './context.ts';
import { Skip } from './context.ts';

/** `spare` is the bot with a second session, which may be lost. */
export type Role = 'person' | 'bot' | 'spare';

/** An update, or one of the short forms that stand for one. */
export type Heard = Api.TypeUpdate | Api.UpdateShortMessage | Api.UpdateShortChatMessage | Api.UpdatesTooLong | Api.UpdateShortSentMessage;

/** One account of the test network, and its connection. */
export interface Account {
  readonly role: Role;
  readonly id: number;
  readonly username: string | undefined;
  readonly user: Api.User;
  readonly call: Call;
  /** The updates since the last call. */
  heard(): readonly Heard[];
  session(): StoredSession;
  /** Cuts the connection, like a process that is killed. */
  cut(): Promise<void>;
  reopen(): Promise<void>;
}

const TEST_NUMBER = /^99966(\d)\d{4}$/;
const LONGEST_WAIT_S = 120;

const unwrapped = (updates: Api.TypeUpdates): readonly Heard[] => {
  if (updates instanceof Api.UpdateShort) return [updates.update];
  return updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined ? updates.updates : [updates];
};

/**
 * The code of a test number is the digit of its data centre, repeated
 * (https://core.telegram.org/api/auth#test-accounts).
 */
const codeFor = async (phone: string, sent: Api.auth.SentCode, base: TelegramBase, prompts: Prompts): Promise<string> => {
  const [, digit] = TEST_NUMBER.exec(phone) ?? [];
  const length = 'length' in sent.type ? sent.type.length : 5;
  if (digit !== undefined) return digit.repeat(length);
  return codeIn(await prompts.ask(`The code for ${phone}`), readSentCode(sent, base.clock).sentTo);
};

const signInPerson = async (
  base: TelegramBase,
  onUpdates: (updates: Api.TypeUpdates) => void,
  phone: string,
  prompts: Prompts,
): Promise<Link> => {
  const { apiId, apiHash } = base.settings;
  const ask = new Api.auth.SendCode({ phoneNumber: phone, apiId, apiHash, settings: new Api.CodeSettings({}) });
  const { link, result } = await atHome(base, firstStart(base.settings), { onUpdates }, (link) => link.call(ask));
  const line = makeLine(base, link);
  if (!(result instanceof Api.auth.SentCode)) throw new Skip(`Telegram answered auth.sendCode with ${result.className}`);
  const code = await codeFor(phone, result, base, prompts);
  try {
    const entered = await link.call(signInBy(phone, readSentCode(result, base.clock), code));
    if (entered instanceof Api.auth.AuthorizationSignUpRequired)
      await link.call(
        new Api.auth.SignUp({ phoneNumber: phone, phoneCodeHash: result.phoneCodeHash, firstName: 'Kept', lastName: 'Probe' }),
      );
  } catch (error) {
    if (rpcErrorOf(error) !== 'SESSION_PASSWORD_NEEDED') throw error;
    await enterPassword(base, line.call, () => prompts.ask(`The two-step password of ${phone}`));
  }
  await keepSession(base, link);
  return link;
};

/** Signs the account in, or continues its session. */
export const openAccount = async (
  role: Role,
  base: TelegramBase,
  door: { readonly phone: string } | { readonly token: string },
  prompts: Prompts,
): Promise<Account> => {
  let heard: Heard[] = [];
  const onUpdates = (updates: Api.TypeUpdates): void => void heard.push(...unwrapped(updates));
  const signIn = async (): Promise<Link> => {
    const stored = await loadSession(base.state, base.settings);
    if (stored) return openLink(base, stored, { onUpdates });
    prompts.tell(`signing in: ${role}`);
    if ('token' in door) return signInBot(base, firstStart(base.settings), door.token, { onUpdates });
    return signInPerson(base, onUpdates, door.phone, prompts);
  };
  let link = await signIn();
  const session = link.session();
  if (!session) throw new Error(`${role} is signed in without a key`);

  /** Waits as long as Telegram asks for, up to a limit. */
  const call: Call = async (request, timeoutMs) => {
    for (;;) {
      try {
        return await link.call(request, timeoutMs);
      } catch (error) {
        const seconds = Number(/^(?:FLOOD|SLOWMODE)_WAIT_(\d+)$/.exec(rpcErrorOf(error) ?? '')?.[1] ?? Number.NaN);
        if (!(seconds <= LONGEST_WAIT_S)) throw error;
        prompts.tell(`Telegram asks ${role} to wait ${seconds} s`);
        await prompts.wait((seconds + 1) * 1000);
      }
    }
  };
  const { id, username } = await whoAmI(link);
  // Only sessions that have asked for the state receive updates.
  await call(new Api.updates.GetState());
  const [user] = await call(new Api.users.GetUsers({ id: [new Api.InputUserSelf()] }));
  if (!(user instanceof Api.User)) throw new Error(`Telegram did not say who ${role} is`);
  return {
    role,
    id,
    username,
    user,
    call,
    heard: () => {
      const taken = heard;
      heard = [];
      return taken;
    },
    session: () => session,
    cut: () => link.close('lost'),
    reopen: async () => {
      link = await openLink(base, session, { onUpdates });
    },
  };
};
