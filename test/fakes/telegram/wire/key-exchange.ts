import { randomBytes } from 'node:crypto';
import { present } from '../../../../src/domain/shared/present.ts';
import { decode, encode } from '../tl/codec.ts';
import { bytes, int, long, optional, type TlObject } from '../tl/value.ts';
import { bigEndian, DH_GENERATOR, DH_PRIME, fromBigEndian, igeDecrypt, igeEncrypt, modPow, sha1 } from './crypto.ts';
import type { RsaKey } from './rsa-key.ts';

export interface ExchangedKey {
  readonly authKey: Buffer;
  readonly salt: bigint;
  /** The lifetime of a temporary key, in seconds. */
  readonly expiresIn?: number;
}

export interface KeyExchange {
  /** The answer to one unencrypted request. Throws if the client breaks the protocol. */
  answer(request: TlObject): TlObject;
}

/* Two primes that a client can factor quickly; their secrecy does not matter here. */
const PRIMES = { p: 1229739323n, q: 1402015859n };

const KEY_BYTES = 256;
const prime = fromBigEndian(DH_PRIME);
const pqBytes = Buffer.from((PRIMES.p * PRIMES.q).toString(16), 'hex');

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));

const same = (request: TlObject, field: string, expected: Buffer): void => {
  if (!bytes(request, field).equals(expected)) throw new Error(`${request._}.${field} is not the one of this exchange`);
};

/** The server's side of https://core.telegram.org/mtproto/auth_key, for one connection. */
export const makeKeyExchange = (rsa: RsaKey, accept: (key: ExchangedKey) => void): KeyExchange => {
  const serverNonce = randomBytes(16);
  /* Node's own Diffie-Hellman tests the prime for each object, which takes half a second. */
  const secretExponent = fromBigEndian(randomBytes(KEY_BYTES));
  let nonce: Buffer = Buffer.alloc(0);
  let newNonce: Buffer = Buffer.alloc(0);
  let expiresIn: number | undefined;

  const aes = () => {
    const a = sha1(newNonce, serverNonce);
    const b = sha1(serverNonce, newNonce);
    const c = sha1(newNonce, newNonce);
    return {
      key: Buffer.concat([a, b.subarray(0, 12)]),
      iv: Buffer.concat([b.subarray(12, 20), c, newNonce.subarray(0, 4)]),
    };
  };

  const sealed = (inner: Buffer): Buffer => {
    const hashed = Buffer.concat([sha1(inner), inner]);
    return igeEncrypt(Buffer.concat([hashed, randomBytes(-hashed.length & 15)]), aes());
  };

  const opened = (encrypted: Buffer): TlObject => {
    const hashed = igeDecrypt(encrypted, aes());
    const inner = decode(hashed.subarray(20));
    const { length } = encode(inner);
    if (!sha1(hashed.subarray(20, 20 + length)).equals(hashed.subarray(0, 20))) throw new Error('wrong hash of client_DH_inner_data');
    return inner;
  };

  const offerPq = (request: TlObject): TlObject => {
    nonce = bytes(request, 'nonce');
    return { _: 'resPQ', nonce, serverNonce, pq: pqBytes, serverPublicKeyFingerprints: [rsa.fingerprint] };
  };

  const offerDh = (request: TlObject): TlObject => {
    if (long(request, 'publicKeyFingerprint') !== rsa.fingerprint) throw new Error('unknown fingerprint of a public key');
    if (fromBigEndian(bytes(request, 'p')) !== PRIMES.p || fromBigEndian(bytes(request, 'q')) !== PRIMES.q)
      throw new Error('pq is not p times q');
    const inner = decode(rsa.unpad(bytes(request, 'encryptedData')));
    same(inner, 'nonce', nonce);
    same(inner, 'serverNonce', serverNonce);
    newNonce = bytes(inner, 'newNonce');
    expiresIn = optional(int, inner, 'expiresIn');
    const gA = bigEndian(modPow(BigInt(DH_GENERATOR), secretExponent, prime), KEY_BYTES);
    const answer = encode({
      _: 'server_DH_inner_data',
      nonce,
      serverNonce,
      g: DH_GENERATOR,
      dhPrime: DH_PRIME,
      gA,
      serverTime: Math.floor(Date.now() / 1000),
    });
    return { _: 'server_DH_params_ok', nonce, serverNonce, encryptedAnswer: sealed(answer) };
  };

  const finish = (request: TlObject): TlObject => {
    const inner = opened(bytes(request, 'encryptedData'));
    same(inner, 'nonce', nonce);
    same(inner, 'serverNonce', serverNonce);
    const authKey = bigEndian(modPow(fromBigEndian(bytes(inner, 'gB')), secretExponent, prime), KEY_BYTES);
    accept({
      authKey,
      salt: xor(newNonce.subarray(0, 8), serverNonce.subarray(0, 8)).readBigInt64LE(),
      ...present({ expiresIn }),
    });
    const auxiliary = sha1(authKey).subarray(0, 8);
    return { _: 'dh_gen_ok', nonce, serverNonce, newNonceHash1: sha1(newNonce, Buffer.from([1]), auxiliary).subarray(4, 20) };
  };

  const steps: Readonly<Record<string, (request: TlObject) => TlObject>> = {
    req_pq: offerPq,
    req_pq_multi: offerPq,
    req_DH_params: offerDh,
    set_client_DH_params: finish,
  };

  return {
    answer: (request) => {
      const step = steps[request._];
      if (!step) throw new Error(`${request._} came unencrypted`);
      if (step !== offerPq) {
        same(request, 'nonce', nonce);
        same(request, 'serverNonce', serverNonce);
      }
      return step(request);
    },
  };
};
