import { constants, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, privateDecrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { bytesField } from '../tl/codec.ts';
import { igeDecrypt, sha1, sha256 } from './crypto.ts';

export interface RsaKey {
  /** For the client: PKCS #1, as Telegram publishes its own. */
  readonly publicKeyPem: string;
  readonly fingerprint: bigint;
  /**
   * Decrypts what the client encrypted with `RSA_PAD`
   * (https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication).
   */
  unpad(encrypted: Buffer): Buffer;
}

const unsigned = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64url');

export const makeRsaKey = (privateKey: KeyObject): RsaKey => {
  const publicKey = createPublicKey(privateKey);
  const { n, e } = publicKey.export({ format: 'jwk' });
  const decrypt = (encrypted: Buffer): Buffer => privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encrypted);
  return {
    publicKeyPem: publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    fingerprint: sha1(bytesField(unsigned(n)), bytesField(unsigned(e))).readBigInt64LE(12),
    unpad: (encrypted) => {
      const block = decrypt(encrypted);
      const aes = block.subarray(32);
      const mask = sha256(aes);
      const key = Buffer.from(block.subarray(0, 32).map((byte, at) => byte ^ (mask[at] ?? 0)));
      const opened = igeDecrypt(aes, { key, iv: Buffer.alloc(32) });
      const data = Buffer.from(opened.subarray(0, 192)).reverse();
      if (!sha256(key, data).equals(opened.subarray(192))) throw new Error('the proof of work is not encrypted for this key');
      return data;
    },
  };
};

let shared: Promise<RsaKey> | undefined;

/** One key for all servers of a process, created when first needed: it costs as much as a hundred servers. */
export const sharedRsaKey = (): Promise<RsaKey> => {
  shared ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then(({ privateKey }) => makeRsaKey(privateKey));
  return shared;
};

export const rsaKeyFromPem = (pem: string): RsaKey => makeRsaKey(createPrivateKey(pem));
