import { createHash, createPublicKey } from 'node:crypto';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { readBigIntFromBuffer } from 'telegram/Helpers.js';

/** A string of bytes as TL writes it (https://core.telegram.org/mtproto/serialize#base-types). */
const tlBytes = (bytes: Buffer): Buffer => {
  const head =
    bytes.length < 254
      ? Buffer.from([bytes.length])
      : Buffer.from([254, bytes.length & 255, (bytes.length >> 8) & 255, bytes.length >> 16]);
  return Buffer.concat([head, bytes, Buffer.alloc(-(head.length + bytes.length) & 3)]);
};

/**
 * Lets connections of this process trust that server's RSA key, beside Telegram's own: the client library has no other
 * way to be told. Its fingerprint is the lower 64 bits of SHA-1 over n and e
 * (https://core.telegram.org/mtproto/auth_key).
 */
export const trustServerKey = (pem: string): void => {
  const { n = '', e = '' } = createPublicKey(pem).export({ format: 'jwk' });
  const modulus = Buffer.from(n, 'base64url');
  const exponent = Buffer.from(e, 'base64url');
  const digest = createHash('sha1').update(tlBytes(modulus)).update(tlBytes(exponent)).digest();
  _serverKeys.set(digest.readBigInt64LE(12).toString(), {
    n: readBigIntFromBuffer(modulus, false, false),
    e: exponent.readUIntBE(0, exponent.length),
  });
};
