import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { TlObject } from '../tl/value.ts';
import { bigEndian, DH_GENERATOR, DH_PRIME, fromBigEndian, modPow, sha256 } from '../wire/crypto.ts';

/** The server's side of a login by password (https://core.telegram.org/api/srp). */
export interface PasswordCheck {
  readonly algorithm: TlObject;
  readonly srpB: Buffer;
  /** Whether the proof shows knowledge of the password. */
  accepts(a: Buffer, m1: Buffer): boolean;
}

const BYTES = 256;
const prime = fromBigEndian(DH_PRIME);
const generator = BigInt(DH_GENERATOR);

const salted = (data: Buffer, salt: Buffer): Buffer => sha256(salt, data, salt);

const passwordNumber = (password: string, salt1: Buffer, salt2: Buffer): bigint => {
  const once = salted(salted(Buffer.from(password), salt1), salt2);
  return fromBigEndian(salted(pbkdf2Sync(once, salt1, 100_000, 64, 'sha512'), salt2));
};

export const makePasswordCheck = (password: string): PasswordCheck => {
  const salt1 = createHash('sha256').update(`first ${password}`).digest();
  const salt2 = createHash('sha256').update(`second ${password}`).digest();
  const verifier = modPow(generator, passwordNumber(password, salt1, salt2), prime);
  const g = bigEndian(generator, BYTES);
  const k = fromBigEndian(sha256(DH_PRIME, g));
  const b = fromBigEndian(randomBytes(BYTES));
  const srpB = bigEndian((k * verifier + modPow(generator, b, prime)) % prime, BYTES);
  return {
    algorithm: { _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow', salt1, salt2, g: DH_GENERATOR, p: DH_PRIME },
    srpB,
    accepts: (a, m1) => {
      const u = fromBigEndian(sha256(a, srpB));
      const shared = modPow(fromBigEndian(a) * modPow(verifier, u, prime), b, prime);
      const hashOfPrime = sha256(DH_PRIME);
      const hashOfG = sha256(g);
      const mixed = Buffer.from(hashOfPrime.map((byte, at) => byte ^ (hashOfG[at] ?? 0)));
      return sha256(mixed, sha256(salt1), sha256(salt2), a, srpB, sha256(bigEndian(shared, BYTES))).equals(m1);
    },
  };
};
