import { randomBytes } from 'node:crypto';

/** A key that a client and this server share, with its sessions and login. */
export interface AuthKey {
  readonly id: bigint;
  readonly bytes: Buffer;
  /** The salt of the key exchange; it is valid until salts are rotated. */
  firstSalt?: bigint;
  /** The user who is logged in. */
  userId?: number;
  /** The error of every call under this key, if Telegram has ended it. */
  refusedWith?: string;
  /** The permanent key of a temporary one; it holds the login. */
  permanent?: AuthKey;
  readonly sessions: Map<bigint, Session>;
}

export const makeAuthKey = (id: bigint, bytes: Buffer): AuthKey => ({ id, bytes, sessions: new Map() });

/** The key that holds the login. */
export const identityOf = (key: AuthKey): AuthKey => key.permanent ?? key;

/**
 * A message to the client. If it `needsAck`, it is kept until it is acknowledged, and sent again when its session
 * reconnects.
 */
export interface Outgoing {
  readonly messageId: bigint;
  readonly seqNo: number;
  readonly body: Buffer;
}

export interface RequestRecord {
  /** Resolves to whether it was answered without an error. Stays pending if the request is swallowed. */
  readonly succeeded: Promise<boolean>;
  answer?: Outgoing;
}

export interface Session {
  readonly id: bigint;
  readonly key: AuthKey;
  readonly uniqueId: bigint;
  /** The way to the client, while it is connected. */
  outlet?: undefined | { send(session: Session, message: Outgoing): void };
  /** Whether it receives updates. */
  subscribed: boolean;
  /** Every request so far, by message id: a repeated one is not run again. */
  readonly requests: Map<bigint, RequestRecord>;
  readonly unacknowledged: Map<bigint, Outgoing>;
  contentMessages: number;
}

export const makeSession = (key: AuthKey, id: bigint): Session => ({
  id,
  key,
  uniqueId: randomBytes(8).readBigInt64LE(),
  subscribed: false,
  requests: new Map(),
  unacknowledged: new Map(),
  contentMessages: 0,
});

let lastMessageId = 0n;

/** https://core.telegram.org/mtproto/description#message-identifier-msg-id: rising, and 1 or 3 modulo 4. */
export const nextMessageId = (kind: 'response' | 'notification'): bigint => {
  const now = Date.now();
  const wanted = (BigInt(Math.floor(now / 1000)) << 32n) + (BigInt(now % 1000) << 22n);
  lastMessageId = (wanted > lastMessageId ? wanted : lastMessageId + 4n) & ~3n;
  return lastMessageId + (kind === 'response' ? 1n : 3n);
};

/** Gives a body its message id and number in the session. */
export const address = (
  session: Session,
  body: Buffer,
  { kind, needsAck }: { kind: 'response' | 'notification'; needsAck: boolean },
): Outgoing => {
  const message = { messageId: nextMessageId(kind), seqNo: session.contentMessages * 2 + (needsAck ? 1 : 0), body };
  if (needsAck) {
    session.contentMessages++;
    session.unacknowledged.set(message.messageId, message);
  }
  return message;
};

export const send = (session: Session, body: Buffer, options: { kind: 'response' | 'notification'; needsAck: boolean }): Outgoing => {
  const message = address(session, body, options);
  session.outlet?.send(session, message);
  return message;
};
