import { createHash, randomBytes } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { bytes, long, object, optional, type TlObject, text } from '../tl/value.ts';
import type { AuthKey } from '../wire/session.ts';
import type { CodeKind, User } from '../world/state.ts';
import { LOGIN_CODE_LENGTH } from '../world/world.ts';
import { checkHome, logIn } from './auth.ts';
import type { Call, OpenMethod } from './call.ts';
import { makePasswordCheck, type PasswordCheck } from './srp.ts';

const digits = (phone: string): string => phone.replace(/\D/g, '');

const byPhone = ({ service }: Call, phone: string): User => {
  if (digits(phone).length < 5) throw rpcError('PHONE_NUMBER_INVALID');
  const user = [...service.world.state.users.values()].find((each) => each.phone !== undefined && digits(each.phone) === digits(phone));
  if (!user) throw rpcError('PHONE_NUMBER_UNOCCUPIED');
  return user;
};

/* The account whose code was sent over each key, and the way. */
interface Sent {
  readonly hash: string;
  readonly user: User;
  /** The index of the way among those of the account. */
  readonly at: number;
}
const sentCodes = new WeakMap<AuthKey, Sent>();
/* By key: the account that has given the right code and still needs a name or the password, with its password check. */
const signUpOwed = new WeakMap<AuthKey, User>();
export const passwordOwed = new WeakMap<AuthKey, User>();
const checks = new WeakMap<AuthKey, { readonly srpId: bigint; readonly check: PasswordCheck; readonly generation: number }>();

const APP: readonly CodeKind[] = ['App'];
const waysOf = ({ loginBy }: User): readonly CodeKind[] => (loginBy && loginBy.length > 0 ? loginBy : APP);
const kindOf = ({ user, at }: Sent): CodeKind => waysOf(user)[at] ?? 'App';

const DETAILS: Readonly<Partial<Record<CodeKind, TlObject>>> = {
  SmsWord: { _: '', beginning: 'k' },
  SmsPhrase: { _: '', beginning: 'quiet' },
  MissedCall: { _: '', prefix: '+4930', length: 4 },
  EmailCode: { _: '', emailPattern: 'k***@e***.org', length: LOGIN_CODE_LENGTH },
  FragmentSms: { _: '', url: 'https://fragment.com/numbers', length: LOGIN_CODE_LENGTH },
  SetUpEmailRequired: { _: '' },
};

/* The kinds that can be named as the next one: words come as SMS, and an e-mail is never the next. */
const NEXT: Readonly<Partial<Record<CodeKind, string>>> = {
  Sms: 'Sms',
  SmsWord: 'Sms',
  SmsPhrase: 'Sms',
  FirebaseSms: 'Sms',
  Call: 'Call',
  MissedCall: 'MissedCall',
  FragmentSms: 'FragmentSms',
};

const sendNext = ({ key, service }: Call, user: User, at: number): TlObject => {
  const kind = waysOf(user)[at];
  if (kind === undefined) throw rpcError('SEND_CODE_UNAVAILABLE');
  const hash = createHash('sha256').update(`code ${user.phone} ${at}`).digest('hex').slice(0, 18);
  sentCodes.set(key, { hash, user, at });
  const next = NEXT[waysOf(user)[at + 1] ?? 'App'];
  return {
    _: 'auth.sentCode',
    type: { ...(DETAILS[kind] ?? { length: LOGIN_CODE_LENGTH }), _: `auth.sentCodeType${kind}` },
    phoneCodeHash: hash,
    ...(next === undefined ? {} : { nextType: { _: `auth.codeType${next}` } }),
    timeout: service.codeTimeout,
  };
};

const sentCodeOf = (call: Call): Sent => {
  const user = byPhone(call, text(call.request, 'phoneNumber'));
  const sent = sentCodes.get(call.key);
  if (sent?.user !== user || text(call.request, 'phoneCodeHash') !== sent.hash) throw rpcError('PHONE_CODE_EXPIRED');
  return sent;
};

/** The code in the request, from the field of its kind: a code by e-mail is no code by phone. */
const codeOf = ({ request }: Call, kind: CodeKind): string => {
  if (kind !== 'EmailCode') return optional(text, request, 'phoneCode') ?? '';
  const proof = optional(object, request, 'emailVerification');
  return proof?._ === 'emailVerificationCode' ? text(proof, 'code') : '';
};

/**
 * https://core.telegram.org/api/auth: the login of a person, by phone or e-mail, and by password
 * (https://core.telegram.org/api/srp).
 */
export const LOGIN_METHODS: Readonly<Record<string, OpenMethod>> = {
  'auth.sendCode': (call) => {
    const user = byPhone(call, text(call.request, 'phoneNumber'));
    checkHome(call, user, 'PHONE');
    return sendNext(call, user, 0);
  },
  'auth.resendCode': (call) => {
    const { user, at } = sentCodeOf(call);
    return sendNext(call, user, at + 1);
  },
  'auth.signIn': (call) => {
    const sent = sentCodeOf(call);
    const { user } = sent;
    const kind = kindOf(sent);
    const code = codeOf(call, kind);
    if (code === '') throw rpcError('PHONE_CODE_EMPTY');
    if (code !== call.service.world.loginCode(user.phone ?? '', kind))
      throw rpcError(kind === 'EmailCode' ? 'CODE_INVALID' : 'PHONE_CODE_INVALID');
    if (user.unregistered) {
      signUpOwed.set(call.key, user);
      return { _: 'auth.authorizationSignUpRequired' };
    }
    if (user.password === undefined) return logIn(call, user);
    passwordOwed.set(call.key, user);
    throw rpcError('SESSION_PASSWORD_NEEDED');
  },
  'auth.signUp': (call) => {
    const { user } = sentCodeOf(call);
    if (signUpOwed.get(call.key) !== user) throw rpcError('PHONE_CODE_INVALID');
    const firstName = text(call.request, 'firstName');
    if (firstName.trim() === '') throw rpcError('FIRSTNAME_INVALID');
    Object.assign(user, { firstName, unregistered: false });
    return logIn(call, user);
  },
  'account.getPassword': ({ key, service }) => {
    const user = passwordOwed.get(key) ?? service.world.state.users.get(key.userId ?? 0);
    if (!user) throw rpcError('AUTH_KEY_UNREGISTERED');
    const check = makePasswordCheck(user.password ?? '');
    const srpId = randomBytes(8).readBigInt64LE();
    checks.set(key, { srpId, check, generation: service.passwordChecks });
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
    const isStale = set.generation !== call.service.passwordChecks;
    if (isStale || proof._ !== 'inputCheckPasswordSRP' || long(proof, 'srpId') !== set.srpId) throw rpcError('SRP_ID_INVALID');
    // Each check allows one try.
    checks.delete(call.key);
    if (!set.check.accepts(bytes(proof, 'A'), bytes(proof, 'M1'))) throw rpcError('PASSWORD_HASH_INVALID');
    passwordOwed.delete(call.key);
    return logIn(call, user);
  },
};
