import type { Socket } from 'node:net';
import { decode, encode } from '../tl/codec.ts';
import type { TlObject } from '../tl/value.ts';
import { type Incoming, openEnvelope, sealEnvelope, sealPlain, unpackContainer } from './envelope.ts';
import { type ExchangedKey, type KeyExchange, makeKeyExchange } from './key-exchange.ts';
import type { RsaKey } from './rsa-key.ts';
import { receive } from './service-messages.ts';
import { type AuthKey, address, makeSession, type Outgoing, type Session, send } from './session.ts';
import { makeTransport, type ProxyRules, type TransportName } from './transport.ts';

/** What a connection needs of its server. */
export interface Exchange {
  rsaKey(): Promise<RsaKey>;
  acceptKey(key: ExchangedKey): void;
  keyOf(id: bigint): AuthKey | undefined;
  /** The salt to use now. */
  salt(): bigint;
  isSaltGood(key: AuthKey, salt: bigint): boolean;
  /** Runs a request. Resolves to the body of the answer, or undefined if no answer is to be sent. */
  execute(
    request: TlObject,
    messageId: bigint,
    session: Session,
    connection: Connection,
  ): Promise<{ body: Buffer; succeeded: boolean } | undefined>;
  /** Whether packets are accepted and ignored. */
  isSilent(): boolean;
  problem(what: string, error?: unknown): void;
  /** Called with the transport of each connection. */
  spoken(transport: TransportName): void;
  /** Called with the error code of each refused message. */
  refused(errorCode: number): void;
}

export interface Connection {
  /** The place of its client: an address, or the name of a machine. */
  readonly place: string;
  /** Breaks it at once, as a network does. */
  cut(): void;
  /** Stops answering. */
  mute(): void;
  /** Sends the last packets of its sessions once more, byte for byte, as an eavesdropper could. */
  replay(): void;
  /** Sends this to each session under the id of another session. */
  sendForeign(body: Buffer): void;
}

const CONTAINER_LIMIT = { messages: 100, bytes: 500_000 };

/** The number of messages that fit into one container; at least one, however large. */
const countThatFits = (messages: readonly Outgoing[]): number => {
  let size = 0;
  let count = 0;
  for (const { body } of messages) {
    size += body.length;
    if (count > 0 && (size > CONTAINER_LIMIT.bytes || count === CONTAINER_LIMIT.messages)) break;
    count++;
  }
  return count;
};

/**
 * Collects the messages of one turn of the event loop, and sends them together in containers, as Telegram does.
 * `lastPackets` has the last packet of each session.
 */
const makeOutbox = (exchange: Exchange, write: (packet: Buffer) => void) => {
  const outbox = new Map<Session, Outgoing[]>();
  const lastPackets = new Map<Session, Buffer>();
  let flushing: NodeJS.Immediate | undefined;

  const flush = (): void => {
    flushing = undefined;
    for (const [session, messages] of outbox)
      while (messages.length > 0) {
        const packet = sealEnvelope(session, exchange.salt(), messages.splice(0, countThatFits(messages)));
        lastPackets.set(session, packet);
        write(packet);
      }
    outbox.clear();
  };
  return {
    lastPackets,
    outlet: {
      send: (session: Session, message: Outgoing): void => {
        outbox.set(session, [...(outbox.get(session) ?? []), message]);
        flushing ??= setImmediate(flush);
      },
    },
    close: (): void => {
      if (flushing) clearImmediate(flushing);
    },
  };
};

/** Tells the client that the server had to create its session. */
const announce = (session: Session, firstMsgId: bigint, serverSalt: bigint): void => {
  const created = encode({ _: 'new_session_created', firstMsgId, uniqueId: session.uniqueId, serverSalt });
  send(session, created, { kind: 'notification', needsAck: true });
};

/** The error code of a message that MTProto refuses, or 0. */
const faultOf = ({ messageId }: { readonly messageId: bigint }, isSaltGood: boolean): number => {
  const seconds = Number(messageId >> 32n) - Date.now() / 1000;
  if (messageId & 3n) return 18;
  if (seconds < -300) return 16;
  if (seconds > 30) return 17;
  return isSaltGood ? 0 : 48;
};

const refusalOf = (message: Incoming, errorCode: number, newServerSalt: bigint): TlObject => {
  const about = { badMsgId: message.messageId, badMsgSeqno: message.seqNo, errorCode };
  return errorCode === 48 ? { _: 'bad_server_salt', ...about, newServerSalt } : { _: 'bad_msg_notification', ...about };
};

export const openConnection = (socket: Socket, place: string, exchange: Exchange, onClose: () => void, proxy?: ProxyRules): Connection => {
  const transport = makeTransport(exchange.spoken, proxy);
  const sessions = new Set<Session>();
  let keyExchange: KeyExchange | undefined;
  let muted = false;
  let deadline: NodeJS.Timeout | undefined;

  const write = (packet: Buffer): void => {
    if (!socket.destroyed && !muted) socket.write(transport.wrap(packet));
  };

  const outbox = makeOutbox(exchange, write);
  const { outlet, lastPackets } = outbox;

  const connection: Connection = {
    place,
    cut: () => {
      socket.destroy();
      onClose();
    },
    mute: () => {
      muted = true;
    },
    replay: () => {
      for (const packet of lastPackets.values()) write(packet);
    },
    sendForeign: (body) => {
      for (const { key, id } of lastPackets.keys()) {
        const foreign = makeSession(key, BigInt.asIntN(64, id + 1n));
        write(sealEnvelope(foreign, exchange.salt(), [address(foreign, body, { kind: 'notification', needsAck: false })]));
      }
    },
  };

  const sessionOf = (key: AuthKey, id: bigint, firstMessageId: bigint): Session => {
    const known = key.sessions.get(id);
    const session = known ?? makeSession(key, id);
    key.sessions.set(id, session);
    if (session.outlet === outlet) return session;
    session.outlet = outlet;
    sessions.add(session);
    if (known) for (const message of known.unacknowledged.values()) outlet.send(session, message);
    else announce(session, firstMessageId, exchange.salt());
    return session;
  };

  const refuse = (session: Session, message: Incoming, errorCode: number): void => {
    exchange.refused(errorCode);
    send(session, encode(refusalOf(message, errorCode, exchange.salt())), { kind: 'notification', needsAck: false });
  };

  const disconnectAfter = (seconds: number): void => {
    clearTimeout(deadline);
    deadline = setTimeout(connection.cut, seconds * 1000).unref();
  };

  const receiveEncrypted = (packet: Buffer): void => {
    const key = exchange.keyOf(packet.readBigInt64LE());
    if (!key) {
      const unknownKey = Buffer.alloc(4);
      unknownKey.writeInt32LE(-404);
      write(unknownKey);
      return;
    }
    const envelope = openEnvelope(key.bytes, packet);
    const fault = faultOf(envelope, exchange.isSaltGood(key, envelope.salt));
    if (fault !== 0) {
      /* A refused message creates no session: this one exists for the refusal only. */
      refuse({ ...makeSession(key, envelope.sessionId), outlet }, envelope, fault);
      return;
    }
    const session = sessionOf(key, envelope.sessionId, envelope.messageId);
    for (const message of unpackContainer(envelope)) receive(message, session, { exchange, connection, disconnectAfter });
  };

  const receivePacket = (packet: Buffer): void => {
    if (packet.length < 24) throw new Error(`a packet of ${packet.length} bytes`);
    if (packet.readBigInt64LE() !== 0n) {
      receiveEncrypted(packet);
      return;
    }
    const request = decode(packet.subarray(20, 20 + packet.readUInt32LE(16)));
    exchange
      .rsaKey()
      .then((rsaKey) => {
        keyExchange ??= makeKeyExchange(rsaKey, exchange.acceptKey);
        write(sealPlain(encode(keyExchange.answer(request))));
      })
      .catch(fail);
  };

  const fail = (error: unknown): void => {
    exchange.problem('a client broke the protocol', error);
    socket.destroy();
  };

  socket.on('data', (chunk) => {
    if (muted || exchange.isSilent()) return;
    try {
      for (const packet of transport.feed(chunk)) receivePacket(packet);
    } catch (error) {
      fail(error);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(deadline);
    outbox.close();
    for (const session of sessions) if (session.outlet === outlet) session.outlet = undefined;
    onClose();
  });
  return connection;
};
