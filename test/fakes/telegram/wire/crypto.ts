import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

export const sha1 = (...parts: readonly Uint8Array[]): Buffer => hash('sha1', parts);
export const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', parts);

const hash = (algorithm: string, parts: readonly Uint8Array[]): Buffer => {
  const digest = createHash(algorithm);
  for (const part of parts) digest.update(part);
  return digest.digest();
};

export interface AesKey {
  readonly key: Buffer;
  /** 32 bytes: the block before the first of ciphertext, then the one before the first of plaintext. */
  readonly iv: Buffer;
}

const BLOCK = 16;

const xorInto = (target: Buffer, other: Buffer): void => {
  for (let at = 0; at < BLOCK; at++) target[at] = (target[at] ?? 0) ^ (other[at] ?? 0);
};

/** AES-256 in IGE mode, which node:crypto lacks: each block also mixes in the plaintext before it. */
const ige = (data: Buffer, { key, iv }: AesKey, encrypting: boolean): Buffer => {
  if (data.length % BLOCK !== 0) throw new Error(`${data.length} bytes are no whole blocks`);
  const cipher = encrypting ? createCipheriv('aes-256-ecb', key, null) : createDecipheriv('aes-256-ecb', key, null);
  cipher.setAutoPadding(false);
  const out = Buffer.allocUnsafe(data.length);
  let mixedBefore = encrypting ? iv.subarray(0, BLOCK) : iv.subarray(BLOCK);
  let mixedAfter = encrypting ? iv.subarray(BLOCK) : iv.subarray(0, BLOCK);
  for (let at = 0; at < data.length; at += BLOCK) {
    const input = data.subarray(at, at + BLOCK);
    const mixed = Buffer.from(input);
    xorInto(mixed, mixedBefore);
    const output = cipher.update(mixed);
    xorInto(output, mixedAfter);
    output.copy(out, at);
    mixedBefore = output;
    mixedAfter = input;
  }
  return out;
};

export const igeEncrypt = (data: Buffer, key: AesKey): Buffer => ige(data, key, true);
export const igeDecrypt = (data: Buffer, key: AesKey): Buffer => ige(data, key, false);

export type Sender = 'client' | 'server';

/** https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector */
export const messageAesKey = (authKey: Buffer, messageKey: Buffer, from: Sender): AesKey => {
  const x = from === 'client' ? 0 : 8;
  const a = sha256(messageKey, authKey.subarray(x, x + 36));
  const b = sha256(authKey.subarray(x + 40, x + 76), messageKey);
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  };
};

export const messageKeyOf = (authKey: Buffer, padded: Buffer, from: Sender): Buffer => {
  const x = from === 'client' ? 88 : 96;
  return sha256(authKey.subarray(x, x + 32), padded).subarray(8, 24);
};

/** MTProto 1.0, still used to bind a temporary key (https://core.telegram.org/mtproto/description_v1). */
export const messageAesKeyV1 = (authKey: Buffer, messageKey: Buffer): AesKey => {
  const a = sha1(messageKey, authKey.subarray(0, 32));
  const b = sha1(authKey.subarray(32, 48), messageKey, authKey.subarray(48, 64));
  const c = sha1(authKey.subarray(64, 96), messageKey);
  const d = sha1(messageKey, authKey.subarray(96, 128));
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 20), c.subarray(4, 16)]),
    iv: Buffer.concat([a.subarray(8, 20), b.subarray(0, 8), c.subarray(16, 20), d.subarray(0, 8)]),
  };
};

export const authKeyId = (authKey: Buffer): bigint => sha1(authKey).readBigInt64LE(12);

/**
 * The number in `length` bytes, most significant first. Leading zeros matter where a number is hashed or used as a key.
 */
export const bigEndian = (value: bigint, length: number): Buffer => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

export const fromBigEndian = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);

export const modPow = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
};

/**
 * The 2048-bit safe prime of Telegram's servers. Clients know it and need not test it. 3 generates a suitable subgroup.
 */
export const DH_PRIME = Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37' +
    '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4' +
    'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4' +
    'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b',
  'hex',
);
export const DH_GENERATOR = 3;
