import { gunzipSync, gzipSync } from 'node:zlib';
import { bytesField, decode, encode, GZIP_PACKED, TlReader } from '../tl/codec.ts';
import { int, long, longs, type TlObject } from '../tl/value.ts';
import type { Connection, Exchange } from './connection.ts';
import type { Incoming } from './envelope.ts';
import { type Session, send } from './session.ts';

export interface Receiver {
  readonly exchange: Exchange;
  readonly connection: Connection;
  disconnectAfter(seconds: number): void;
}

interface Received {
  readonly message: TlObject;
  readonly messageId: bigint;
  readonly session: Session;
  readonly receiver: Receiver;
}

const reply = (session: Session, message: TlObject): void => {
  send(session, encode(message), { kind: 'response', needsAck: false });
};

const nothing = (): void => undefined;

/** https://core.telegram.org/mtproto/service_messages; every other message is a call of a method. */
const SERVICE: Readonly<Record<string, (received: Received) => void>> = {
  msgs_ack: ({ message, session }) => {
    for (const messageId of longs(message, 'msgIds')) session.unacknowledged.delete(messageId);
  },
  ping: ({ message, messageId, session }) => reply(session, { _: 'pong', msgId: messageId, pingId: long(message, 'pingId') }),
  ping_delay_disconnect: ({ message, messageId, session, receiver }) => {
    receiver.disconnectAfter(int(message, 'disconnectDelay'));
    reply(session, { _: 'pong', msgId: messageId, pingId: long(message, 'pingId') });
  },
  msgs_state_req: ({ message, messageId, session }) => {
    const info = Buffer.from(longs(message, 'msgIds').map((asked) => (session.requests.has(asked) ? 4 : 1)));
    reply(session, { _: 'msgs_state_info', reqMsgId: messageId, info });
  },
  msg_resend_req: ({ message, session }) => {
    for (const asked of longs(message, 'msgIds')) {
      const kept = session.unacknowledged.get(asked) ?? session.requests.get(asked)?.answer;
      if (kept) session.outlet?.send(session, kept);
    }
  },
  get_future_salts: ({ message, messageId, session, receiver }) => {
    const now = Math.floor(Date.now() / 1000);
    /* Only the first one is valid now, and no test lasts until the next. */
    const salts = Array.from({ length: int(message, 'num') }, (_, at) => ({
      _: 'future_salt',
      validSince: now - 60 + at * 3600,
      validUntil: now + (at + 1) * 3600,
      salt: BigInt.asIntN(64, receiver.exchange.salt() + BigInt(at)),
    }));
    reply(session, { _: 'future_salts', reqMsgId: messageId, now, salts });
  },
  destroy_session: ({ message, session }) => {
    const sessionId = long(message, 'sessionId');
    reply(session, { _: session.key.sessions.delete(sessionId) ? 'destroy_session_ok' : 'destroy_session_none', sessionId });
  },
  rpc_drop_answer: ({ messageId, session }) =>
    void send(session, rpcResult(messageId, encode({ _: 'rpc_answer_unknown' })), { kind: 'response', needsAck: true }),
  msgs_state_info: nothing,
  msgs_all_info: nothing,
  http_wait: nothing,
};

const RPC_RESULT = 0xf35c6d01;

const rpcResult = (messageId: bigint, body: Buffer): Buffer => {
  const head = Buffer.allocUnsafe(12);
  head.writeUInt32LE(RPC_RESULT);
  head.writeBigInt64LE(messageId, 4);
  return Buffer.concat([head, body]);
};

const PACK_FROM_BYTES = 512;

/**
 * Packs a result if that makes it smaller, as Telegram does. Errors are never packed: clients would take them for
 * results.
 */
const packed = (body: Buffer): Buffer => {
  if (body.length < PACK_FROM_BYTES) return body;
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32LE(GZIP_PACKED);
  const gzipped = Buffer.concat([head, bytesField(gzipSync(body))]);
  return gzipped.length < body.length ? gzipped : body;
};

const REMEMBERED_REQUESTS = 2000;

const run = ({ message, messageId, session, receiver }: Received): void => {
  reply(session, { _: 'msgs_ack', msgIds: [messageId] });
  const known = session.requests.get(messageId);
  if (known) {
    if (known.answer) session.outlet?.send(session, known.answer);
    return;
  }
  const executed = receiver.exchange.execute(message, messageId, session, receiver.connection);
  const record = { succeeded: executed.then((done) => done?.succeeded ?? new Promise<boolean>(nothing)) };
  session.requests.set(messageId, record);
  if (session.requests.size > REMEMBERED_REQUESTS) session.requests.delete(session.requests.keys().next().value ?? messageId);
  executed
    .then((done) => {
      if (!done) return;
      const body = rpcResult(messageId, done.succeeded ? packed(done.body) : done.body);
      Object.assign(record, { answer: send(session, body, { kind: 'response', needsAck: true }) });
    })
    .catch((error: unknown) => receiver.exchange.problem('a request could not be answered', error));
};

const unpacked = (body: Buffer): Buffer => {
  const reader = new TlReader(body);
  return reader.uint() === GZIP_PACKED ? gunzipSync(reader.bytes()) : body;
};

/** Handles one message of a client. */
export const receive = (incoming: Incoming, session: Session, receiver: Receiver): void => {
  const message = decode(unpacked(incoming.body));
  (SERVICE[message._] ?? run)({ message, messageId: incoming.messageId, session, receiver });
};
