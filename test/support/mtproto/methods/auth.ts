import { createHash, randomBytes } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { decode } from '../tl/codec.ts';
import { bytes, int, long, object, optional, type TlObject, text } from '../tl/value.ts';
import { igeDecrypt, messageAesKeyV1, sha1 } from '../wire/crypto.ts';
import { renderUser } from '../world/render.ts';
import type { User } from '../world/state.ts';
import { LOGIN_CODE_LENGTH } from '../world/world.ts';
import type { Call, OpenMethod } from './call.ts';
import { makePasswordCheck, type PasswordCheck } from './srp.ts';

const digits = (phone: string): string => phone.replace(/\D/g, '');

const byPhone = ({ service }: Call, phone: string): User => {
  if (digits(phone).length < 5) throw rpcError('PHONE_NUMBER_INVALID');
  const user = [...service.world.state.users.values()].find((each) => each.phone !== undefined && digits(each.phone) === digits(phone));
  if (!user) throw rpcError('PHONE_NUMBER_UNOCCUPIED');
  return user;
};

const checkHome = ({ service }: Call, user: User, kind: 'PHONE' | 'USER'): void => {
  if (user.dcId !== undefined && user.dcId !== service.dcId) throw rpcError(`${kind}_MIGRATE_${user.dcId}`);
};

const logIn = ({ key }: Call, user: User): TlObject => {
  key.userId = user.id;
  return { _: 'auth.authorization', user: renderUser(user, user) };
};

const codeHash = (phone: string): string =>
  createHash('sha256')
    .update(`code ${digits(phone)}`)
    .digest('hex')
    .slice(0, 18);

const exportedBytes = (userId: number): Buffer => createHash('sha256').update(`export ${userId}`).digest();

/* Who has given the right code and still owes the password, and the check that was set, by key. */
const passwordOwed = new WeakMap<object, User>();
const checks = new WeakMap<object, { readonly srpId: bigint; readonly check: PasswordCheck }>();

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
  'auth.sendCode': (call) => {
    const phone = text(call.request, 'phoneNumber');
    checkHome(call, byPhone(call, phone), 'PHONE');
    return {
      _: 'auth.sentCode',
      type: { _: 'auth.sentCodeTypeApp', length: LOGIN_CODE_LENGTH },
      phoneCodeHash: codeHash(phone),
      timeout: 60,
    };
  },
  'auth.signIn': (call) => {
    const phone = text(call.request, 'phoneNumber');
    const user = byPhone(call, phone);
    if (text(call.request, 'phoneCodeHash') !== codeHash(phone)) throw rpcError('PHONE_CODE_EXPIRED');
    const code = optional(text, call.request, 'phoneCode') ?? '';
    if (code === '') throw rpcError('PHONE_CODE_EMPTY');
    if (code !== call.service.world.loginCode(phone)) throw rpcError('PHONE_CODE_INVALID');
    if (user.password === undefined) return logIn(call, user);
    passwordOwed.set(call.key, user);
    throw rpcError('SESSION_PASSWORD_NEEDED');
  },
  'account.getPassword': (call) => {
    const { key, service } = call;
    const user = passwordOwed.get(key) ?? service.world.state.users.get(key.userId ?? 0);
    if (!user) throw rpcError('AUTH_KEY_UNREGISTERED');
    const check = makePasswordCheck(user.password ?? '');
    const srpId = randomBytes(8).readBigInt64LE();
    checks.set(key, { srpId, check });
    return {
      _: 'account.password',
      ...(user.password === undefined ? {} : { hasPassword: true, currentAlgo: check.algorithm, srpB: check.srpB, srpId }),
      newAlgo: check.algorithm,
      newSecureAlgo: { _: 'securePasswordKdfAlgoUnknown' },
      secureRandom: randomBytes(256),
    };
  },
  'auth.checkPassword': (call) => {
    const user = passwordOwed.get(call.key);
    const set = checks.get(call.key);
    const proof = object(call.request, 'password');
    if (!user || !set) throw rpcError('AUTH_KEY_UNREGISTERED');
    if (proof._ !== 'inputCheckPasswordSRP' || long(proof, 'srpId') !== set.srpId) throw rpcError('SRP_ID_INVALID');
    if (!set.check.accepts(bytes(proof, 'A'), bytes(proof, 'M1'))) throw rpcError('PASSWORD_HASH_INVALID');
    passwordOwed.delete(call.key);
    return logIn(call, user);
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
