import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sha256 } from './crypto.ts';

/** The framing of packets; with `obfuscated` before it if a stream cipher covers it. */
export type TransportName = Framed | `obfuscated ${Framed}`;
type Framed = 'full' | 'abridged' | 'intermediate' | 'padded';

/** One of MTProto's framings of packets on a stream (https://core.telegram.org/mtproto/mtproto-transports). */
interface Framing {
  /** The first whole packet of `received` and its size in bytes; undefined while it is incomplete. */
  unwrap(received: Buffer): { readonly packet: Buffer; readonly length: number } | undefined;
  wrap(packet: Buffer): Buffer;
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value);
  return bytes;
};

const makeFull = (): Framing => {
  let received = 0;
  let sent = 0;
  return {
    unwrap: (data) => {
      if (data.length < 4) return undefined;
      const length = data.readUInt32LE();
      if (length < 12 || length > 0x1000000) throw new Error(`a packet of ${length} bytes`);
      if (data.length < length) return undefined;
      if (data.readUInt32LE(4) !== received) throw new Error(`packet ${data.readUInt32LE(4)} where ${received} was due`);
      if (data.readUInt32LE(length - 4) !== crc32(data.subarray(0, length - 4))) throw new Error('wrong checksum of a packet');
      received++;
      return { packet: data.subarray(8, length - 4), length };
    },
    wrap: (packet) => {
      const head = Buffer.concat([int32(packet.length + 12), int32(sent++), packet]);
      return Buffer.concat([head, int32(crc32(head) | 0)]);
    },
  };
};

const makeIntermediate = (padded: boolean): Framing => ({
  unwrap: (data) => {
    if (data.length < 4) return undefined;
    const length = data.readUInt32LE() & 0x7fffffff;
    if (data.length < length + 4) return undefined;
    const packet = data.subarray(4, length + 4);
    /* Messages consist of blocks of 16 bytes, which tells padding of up to 15 bytes apart from them. */
    return { packet: padded && packet.length > 24 ? withoutPadding(packet) : packet, length: length + 4 };
  },
  wrap: (packet) => {
    const padding = padded ? randomBytes(packet.length < 24 ? 0 : Math.floor(Math.random() * 16)) : Buffer.alloc(0);
    return Buffer.concat([int32(packet.length + padding.length), packet, padding]);
  },
});

const withoutPadding = (packet: Buffer): Buffer =>
  packet.readBigInt64LE() === 0n
    ? packet.subarray(0, 20 + packet.readUInt32LE(16))
    : packet.subarray(0, packet.length - ((packet.length - 24) % 16));

const makeAbridged = (): Framing => ({
  unwrap: (data) => {
    if (data.length < 4) return undefined;
    const first = (data[0] ?? 0) & 0x7f;
    const head = first === 0x7f ? 4 : 1;
    const length = head + (first === 0x7f ? data.readUIntLE(1, 3) : first) * 4;
    return data.length < length ? undefined : { packet: data.subarray(head, length), length };
  },
  wrap: (packet) => {
    const words = packet.length / 4;
    return Buffer.concat([words < 0x7f ? Buffer.from([words]) : Buffer.concat([Buffer.from([0x7f]), int32(words).subarray(0, 3)]), packet]);
  },
});

const TAGS: Readonly<Record<string, { readonly name: Framed; readonly make: () => Framing }>> = {
  efefefef: { name: 'abridged', make: makeAbridged },
  eeeeeeee: { name: 'intermediate', make: () => makeIntermediate(false) },
  dddddddd: { name: 'padded', make: () => makeIntermediate(true) },
};

/** What an MTProxy requires of its clients. */
export interface ProxyRules {
  /** 16 bytes. */
  readonly secret: Buffer;
  /** Requires padding, like proxies whose secret begins with `dd`. */
  readonly padded: boolean;
}

export interface Transport {
  /** The packets that this chunk completes. Throws if the other side breaks the framing. */
  feed(chunk: Buffer): readonly Buffer[];
  wrap(packet: Buffer): Buffer;
}

/** A transport that recognises the client's framing by the first bytes. */
export const makeTransport = (found: (name: TransportName) => void = () => undefined, proxy?: ProxyRules): Transport => {
  let waiting: Buffer = Buffer.alloc(0);
  let framing: Framing | undefined;
  let decipher = (data: Buffer): Buffer => data;
  let encipher = (data: Buffer): Buffer => data;

  const obfuscated = (header: Buffer): Framing => {
    const secrets = header.subarray(8, 56);
    const reversed = Buffer.from(secrets).reverse();
    const keyOf = (bytes: Buffer): Buffer => (proxy ? sha256(bytes.subarray(0, 32), proxy.secret) : bytes.subarray(0, 32));
    const incoming = createDecipheriv('aes-256-ctr', keyOf(secrets), secrets.subarray(32));
    const outgoing = createCipheriv('aes-256-ctr', keyOf(reversed), reversed.subarray(32));
    const tag = incoming.update(header).subarray(56, 60).toString('hex');
    decipher = (data) => incoming.update(data);
    encipher = (data) => outgoing.update(data);
    const framed = TAGS[tag];
    if (!framed) throw new Error(`no transport has the tag ${tag}`);
    if (proxy?.padded && framed.name !== 'padded') throw new Error(`the proxy takes padded packets only, not ${framed.name} ones`);
    found(`obfuscated ${framed.name}`);
    return framed.make();
  };

  const detect = (): Framing | undefined => (proxy ? detectObfuscated() : (detectPlain() ?? detectObfuscated()));

  const detectPlain = (): Framing | undefined => {
    if (waiting[0] === 0xef) {
      waiting = waiting.subarray(1);
      found('abridged');
      return makeAbridged();
    }
    if (waiting.length < 8) return undefined;
    const plain = TAGS[waiting.subarray(0, 4).toString('hex')];
    if (plain) {
      waiting = waiting.subarray(4);
      found(plain.name);
      return plain.make();
    }
    if (waiting.readUInt32LE(4) !== 0) return undefined;
    found('full');
    return makeFull();
  };

  const detectObfuscated = (): Framing | undefined => {
    if (waiting.length < 64) return undefined;
    const framing = obfuscated(waiting.subarray(0, 64));
    waiting = decipher(waiting.subarray(64));
    return framing;
  };

  return {
    feed: (chunk) => {
      waiting = Buffer.concat([waiting, decipher(chunk)]);
      framing ??= detect();
      const packets: Buffer[] = [];
      for (let next = framing?.unwrap(waiting); next; next = framing?.unwrap(waiting)) {
        packets.push(next.packet);
        waiting = waiting.subarray(next.length);
      }
      return packets;
    },
    wrap: (packet) => {
      if (!framing) throw new Error('nothing was received yet');
      return encipher(framing.wrap(packet));
    },
  };
};
