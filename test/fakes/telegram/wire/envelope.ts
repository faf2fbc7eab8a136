import { randomBytes } from 'node:crypto';
import { igeDecrypt, igeEncrypt, messageAesKey, messageKeyOf } from './crypto.ts';
import { nextMessageId, type Outgoing, type Session } from './session.ts';

export interface Envelope {
  readonly salt: bigint;
  readonly sessionId: bigint;
  readonly messageId: bigint;
  readonly seqNo: number;
  readonly body: Buffer;
}

/**
 * Opens an encrypted packet (https://core.telegram.org/mtproto/description#encrypted-message) and makes every check of
 * the security guidelines.
 */
export const openEnvelope = (authKey: Buffer, packet: Buffer): Envelope => {
  const messageKey = packet.subarray(8, 24);
  const data = igeDecrypt(packet.subarray(24), messageAesKey(authKey, messageKey, 'client'));
  if (!messageKeyOf(authKey, data, 'client').equals(messageKey)) throw new Error('the message key does not fit the message');
  const length = data.readUInt32LE(28);
  const padding = data.length - 32 - length;
  if (padding < 12 || padding > 1024 || length % 4 !== 0) throw new Error(`${padding} bytes of padding after ${length} bytes`);
  return {
    salt: data.readBigInt64LE(0),
    sessionId: data.readBigInt64LE(8),
    messageId: data.readBigInt64LE(16),
    seqNo: data.readInt32LE(24),
    body: data.subarray(32, 32 + length),
  };
};

const longs = (...values: readonly bigint[]): Buffer => {
  const bytes = Buffer.allocUnsafe(values.length * 8);
  values.forEach((value, at) => {
    bytes.writeBigInt64LE(value, at * 8);
  });
  return bytes;
};

const ints = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeInt32LE(value | 0, at * 4);
  });
  return bytes;
};

const framed = ({ messageId, seqNo, body }: Outgoing): Buffer => Buffer.concat([longs(messageId), ints(seqNo, body.length), body]);

const CONTAINER = 0x73f1f8dc;

/** One packet of these messages: a single one as it is, several in a container. */
export const sealEnvelope = (session: Session, salt: bigint, messages: readonly Outgoing[]): Buffer => {
  const [first] = messages;
  if (!first) throw new Error('nothing to send');
  const outer =
    messages.length === 1
      ? first
      : {
          messageId: nextMessageId('response'),
          seqNo: session.contentMessages * 2,
          body: Buffer.concat([ints(CONTAINER, messages.length), ...messages.map(framed)]),
        };
  const data = Buffer.concat([longs(salt, session.id), framed(outer)]);
  const padded = Buffer.concat([data, randomBytes(12 + (-(data.length + 12) & 15))]);
  const messageKey = messageKeyOf(session.key.bytes, padded, 'server');
  return Buffer.concat([longs(session.key.id), messageKey, igeEncrypt(padded, messageAesKey(session.key.bytes, messageKey, 'server'))]);
};

export const sealPlain = (body: Buffer): Buffer => Buffer.concat([longs(0n, nextMessageId('response')), ints(body.length), body]);

/** The message inside a container or packet, with its own id. */
export interface Incoming {
  readonly messageId: bigint;
  readonly seqNo: number;
  readonly body: Buffer;
}

/** The messages of a container; the message itself if it is no container. */
export const unpackContainer = (message: Incoming): readonly Incoming[] => {
  const { body } = message;
  if (body.length < 8 || body.readInt32LE() !== CONTAINER) return [message];
  let at = 8;
  return Array.from({ length: body.readUInt32LE(4) }, () => {
    const length = body.readUInt32LE(at + 12);
    const inner = { messageId: body.readBigInt64LE(at), seqNo: body.readInt32LE(at + 8), body: body.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
    return inner;
  });
};
