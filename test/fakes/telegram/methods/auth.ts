import { createHash } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { decode } from '../tl/codec.ts';
import { bytes, int, long, type TlObject, text } from '../tl/value.ts';
import { igeDecrypt, messageAesKeyV1, sha1 } from '../wire/crypto.ts';
import { renderUser } from '../world/render.ts';
import type { User } from '../world/state.ts';
import type { Call, OpenMethod } from './call.ts';

export const checkHome = ({ service }: Call, user: User, kind: 'PHONE' | 'USER'): void => {
  if (user.dcId !== undefined && user.dcId !== service.dcId) throw rpcError(`${kind}_MIGRATE_${user.dcId}`);
};

export const logIn = ({ key }: Call, user: User): TlObject => {
  key.userId = user.id;
  return { _: 'auth.authorization', user: renderUser(user, user) };
};

const exportedBytes = (userId: number): Buffer => createHash('sha256').update(`export ${userId}`).digest();

const bindTempAuthKey: OpenMethod = ({ request, session, service }) => {
  const permanent = service.keyOf(long(request, 'permAuthKeyId'));
  const message = bytes(request, 'encryptedMessage');
  if (!permanent || message.readBigInt64LE() !== permanent.id) throw rpcError('ENCRYPTED_MESSAGE_INVALID');
  const messageKey = message.subarray(8, 24);
  const data = igeDecrypt(message.subarray(24), messageAesKeyV1(permanent.bytes, messageKey));
  const end = 32 + data.readInt32LE(28);
  if (!sha1(data.subarray(0, end)).subarray(4, 20).equals(messageKey)) throw rpcError('ENCRYPTED_MESSAGE_INVALID');
  const inner = decode(data.subarray(32, end));
  if (
    long(inner, 'tempAuthKeyId') !== session.key.id ||
    long(inner, 'tempSessionId') !== session.id ||
    long(inner, 'nonce') !== long(request, 'nonce')
  )
    throw rpcError('ENCRYPTED_MESSAGE_INVALID');
  session.key.permanent = permanent;
  return true;
};

/** https://core.telegram.org/api/auth and https://core.telegram.org/api/bots */
export const AUTH_METHODS: Readonly<Record<string, OpenMethod>> = {
  'auth.bindTempAuthKey': bindTempAuthKey,
  'auth.importBotAuthorization': (call) => {
    const token = text(call.request, 'botAuthToken');
    const bot = [...call.service.world.state.users.values()].find((user) => user.isBot && user.token === token);
    if (!bot) throw rpcError('ACCESS_TOKEN_INVALID');
    checkHome(call, bot, 'USER');
    return logIn(call, bot);
  },
  'auth.logOut': ({ key }) => {
    delete key.userId;
    return { _: 'auth.loggedOut' };
  },
  'auth.exportAuthorization': ({ key, request, service }) => {
    if (key.userId === undefined) throw rpcError('AUTH_KEY_UNREGISTERED');
    const wanted = int(request, 'dcId');
    if (wanted === service.dcId || !service.dataCentres().some(({ id }) => id === wanted)) throw rpcError('DC_ID_INVALID');
    return { _: 'auth.exportedAuthorization', id: key.userId, bytes: exportedBytes(key.userId) };
  },
  'auth.importAuthorization': (call) => {
    const userId = Number(long(call.request, 'id'));
    const user = call.service.world.state.users.get(userId);
    if (!user || !bytes(call.request, 'bytes').equals(exportedBytes(userId))) throw rpcError('AUTH_BYTES_INVALID');
    return logIn(call, user);
  },
};
