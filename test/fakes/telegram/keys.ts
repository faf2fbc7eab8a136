import { randomBytes } from 'node:crypto';
import { authKeyId } from './wire/crypto.ts';
import { type AuthKey, identityOf, makeAuthKey, type Session } from './wire/session.ts';

/** The keys that clients share with the server, and the salt that goes with them. */
export interface Keys {
  get(id: bigint): AuthKey | undefined;
  add(bytes: Buffer, firstSalt?: bigint): AuthKey;
  /** The salt to use now. */
  salt(): bigint;
  isSaltGood(key: AuthKey, salt: bigint): boolean;
  /** The next message of each client must be sent again with the new salt. */
  rotateSalt(): void;
  /** The connected sessions of a user that want updates. */
  sessionsOf(userId: number): readonly Session[];
  /** Logs the user out everywhere. */
  revoke(userId: number): void;
  clear(): void;
}

export const makeKeys = (): Keys => {
  const keys = new Map<bigint, AuthKey>();
  let salt = randomBytes(8).readBigInt64LE();
  return {
    get: (id) => keys.get(id),
    add: (bytes, firstSalt) => {
      const key = makeAuthKey(authKeyId(bytes), bytes);
      if (firstSalt !== undefined) key.firstSalt = firstSalt;
      keys.set(key.id, key);
      return key;
    },
    salt: () => salt,
    isSaltGood: (key, used) => used === salt || used === key.firstSalt,
    rotateSalt: () => {
      salt = randomBytes(8).readBigInt64LE();
      for (const key of keys.values()) delete key.firstSalt;
    },
    sessionsOf: (userId) =>
      [...keys.values()]
        .filter((key) => identityOf(key).userId === userId)
        .flatMap((key) => [...key.sessions.values()])
        .filter((session) => session.subscribed && session.outlet),
    revoke: (userId) => {
      for (const key of keys.values()) if (key.userId === userId) delete key.userId;
    },
    clear: () => keys.clear(),
  };
};

/**
 * A string session of the product's client. Its port is a signed 16-bit number there, so that the real one must be
 * passed by other means.
 */
export const sessionString = (dcId: number, host: string, port: number, authKey: Buffer): string => {
  const head = Buffer.alloc(3);
  head.writeUInt8(dcId);
  head.writeInt16BE(host.length, 1);
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  return `1${Buffer.concat([head, Buffer.from(host), portBytes, authKey]).toString('base64')}`;
};
