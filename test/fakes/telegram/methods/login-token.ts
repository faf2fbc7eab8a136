import { randomBytes } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { encode } from '../tl/codec.ts';
import { bytes, longs, type TlObject } from '../tl/value.ts';
import { type AuthKey, send } from '../wire/session.ts';
import { acceptLoginToken } from '../world/login-tokens.ts';
import type { User } from '../world/state.ts';
import { logIn } from './auth.ts';
import type { Call, OpenMethod, UserMethod } from './call.ts';
import { passwordOwed } from './login.ts';

/** How long a token can be scanned, in seconds. */
const LIFE_S = 30;

/** The tokens that were given out over each key. */
const exported = new WeakMap<AuthKey, string[]>();

const inHex = (token: Buffer): string => token.toString('hex');

const success = (call: Call, user: User): TlObject => {
  if (user.password === undefined) return { _: 'auth.loginTokenSuccess', authorization: logIn(call, user) };
  passwordOwed.set(call.key, user);
  throw rpcError('SESSION_PASSWORD_NEEDED');
};

/** Who has accepted a token of this key; the token is good for one sign-in. */
const takeAccepted = ({ key, service }: Call): User | undefined => {
  const { loginTokens } = service.world.state;
  for (const id of exported.get(key) ?? []) {
    const token = loginTokens.get(id);
    if (!token?.acceptedBy) continue;
    loginTokens.delete(id);
    return token.acceptedBy;
  }
  return undefined;
};

const addToken = ({ service }: Call, dcId: number, of: { acceptedBy?: User; exceptIds?: readonly number[]; accepted: () => void }) => {
  const { state } = service.world;
  const token = randomBytes(24);
  const expires = state.now() + LIFE_S;
  state.loginTokens.set(inHex(token), { ...of, expires, dcId });
  return { token, expires };
};

const nobody = (): void => undefined;

/** https://core.telegram.org/api/qr-login */
export const LOGIN_TOKEN_METHODS: Readonly<Record<string, OpenMethod>> = {
  'auth.exportLoginToken': (call) => {
    const { key, session, service, request } = call;
    const user = takeAccepted(call);
    if (user && user.dcId !== undefined && user.dcId !== service.dcId)
      return {
        _: 'auth.loginTokenMigrateTo',
        dcId: user.dcId,
        token: addToken(call, user.dcId, { acceptedBy: user, accepted: nobody }).token,
      };
    if (user) return success(call, user);
    const accepted = (): void => {
      const update = { _: 'updateShort', update: { _: 'updateLoginToken' }, date: service.world.state.now() };
      if (session.subscribed) send(session, encode(update), { kind: 'notification', needsAck: true });
    };
    const { token, expires } = addToken(call, service.dcId, { exceptIds: longs(request, 'exceptIds').map(Number), accepted });
    exported.set(key, [...(exported.get(key) ?? []), inHex(token)]);
    return { _: 'auth.loginToken', expires, token };
  },
  'auth.importLoginToken': (call) => {
    const { state } = call.service.world;
    const id = inHex(bytes(call.request, 'token'));
    const token = state.loginTokens.get(id);
    if (!token?.acceptedBy || token.dcId !== call.service.dcId) throw rpcError('AUTH_TOKEN_INVALID');
    if (token.isUsed) throw rpcError('AUTH_TOKEN_ALREADY_ACCEPTED');
    if (token.expires <= state.now()) throw rpcError('AUTH_TOKEN_EXPIRED');
    token.isUsed = true;
    return success(call, token.acceptedBy);
  },
};

/** What the app of somebody who is logged in does with a code that it has scanned. */
export const SCAN_METHODS: Readonly<Record<string, UserMethod>> = {
  'auth.acceptLoginToken': ({ me, request, service }) => {
    if (me.isBot) throw rpcError('BOT_METHOD_INVALID');
    acceptLoginToken(service.world.state, me, bytes(request, 'token'));
    const date = service.world.state.now();
    return {
      _: 'authorization',
      hash: 0n,
      deviceModel: 'scanned',
      platform: '',
      systemVersion: '',
      apiId: 1,
      appName: '',
      appVersion: '',
      dateCreated: date,
      dateActive: date,
      ip: '',
      country: '',
      region: '',
    };
  },
};
