import { AuthKey } from 'telegram/crypto/AuthKey.js';
import { MemorySession } from 'telegram/sessions/index.js';
import { z } from 'zod';
import { InvalidValueError } from '../../../domain/index.ts';
import type { KeyValueState } from '../../../ports/index.ts';
import type { TelegramSettings } from './settings.ts';

/** Where an account is signed in, and with which key. The key is all that it takes to be that account. */
export interface StoredSession {
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  /** In base64. */
  readonly authKey: string;
}

/** A place to connect to, with a key or before there is one. */
export type SessionStart = Omit<StoredSession, 'authKey'> & { readonly authKey?: string };

const KEY = 'session';
const storedSchema = z.object({
  dcId: z.number(),
  host: z.string(),
  port: z.number(),
  authKey: z.string(),
  /** Whose session it is, and by which door: another account or server has no use for it. */
  owner: z.string(),
});

const ownerOf = ({ account, dc }: TelegramSettings): string =>
  `${account.kind === 'bot' ? `bot ${account.token.split(':')[0]}` : 'user'} at ${dc?.address ?? 'telegram'}`;

export const loadSession = async (state: KeyValueState, settings: TelegramSettings): Promise<StoredSession | undefined> => {
  const text = await state.get(KEY);
  if (text === undefined) return undefined;
  const { owner, ...session } = storedSchema.parse(JSON.parse(text));
  return owner === ownerOf(settings) ? session : undefined;
};

export const saveSession = (state: KeyValueState, settings: TelegramSettings, session: StoredSession): Promise<void> =>
  state.set(new Map([[KEY, JSON.stringify({ ...session, owner: ownerOf(settings) })]]));

export const forgetSession = (state: KeyValueState): Promise<void> => state.set(new Map([[KEY, undefined]]));

/** Telegram's own first data centre for a new account: https://core.telegram.org/api/datacenter */
const FIRST_DC = { dcId: 2, port: 443, host: { v4: '149.154.167.51', v6: '2001:67c:4e8:f002::a' } };

/** Where somebody without a session begins. */
export const firstStart = ({ dc, ipv6 }: TelegramSettings): SessionStart => {
  if (!dc) return { ...FIRST_DC, host: ipv6 ? FIRST_DC.host.v6 : FIRST_DC.host.v4 };
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(dc.address) ?? [];
  if (host === undefined) throw new InvalidValueError(`the address of a Telegram server must be host:port, not ${dc.address}`);
  return { dcId: FIRST_DC.dcId, host, port: Number(port) };
};

export const toMemorySession = async ({ dcId, host, port, authKey }: SessionStart): Promise<MemorySession> => {
  const session = new MemorySession();
  session.setDC(dcId, host, port);
  if (authKey !== undefined) {
    const key = new AuthKey();
    await key.setKey(Buffer.from(authKey, 'base64'));
    session.setAuthKey(key, dcId);
  }
  return session;
};

/** Undefined while there is no key. */
export const fromMemorySession = (session: MemorySession): StoredSession | undefined => {
  const key = session.authKey?.getKey();
  return key && { dcId: session.dcId, host: session.serverAddress, port: session.port, authKey: key.toString('base64') };
};
