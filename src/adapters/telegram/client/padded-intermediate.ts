import { randomInt } from 'node:crypto';
import type { PacketReader } from 'telegram/extensions/SocketInterface.js';
import { generateRandomBytes } from 'telegram/Helpers.js';
import { PacketCodec } from 'telegram/network/connection/Connection.js';
import { TCPMTProxy } from 'telegram/network/connection/TCPMTProxy.js';

/** The shortest message, and the blocks that follow it. */
const HEAD = 24;
const BLOCK = 16;

/** Without the padding: what is encrypted comes in blocks, what is not says how long it is. */
const withoutPadding = (packet: Buffer): Buffer => {
  if (packet.length < HEAD) return packet.subarray(0, 4);
  if (packet.readBigInt64LE() === 0n) return packet.subarray(0, 20 + packet.readUInt32LE(16));
  return packet.subarray(0, packet.length - ((packet.length - HEAD) % BLOCK));
};

/** https://core.telegram.org/mtproto/mtproto-transports#padded-intermediate */
class PaddedIntermediateCodec extends PacketCodec {
  static readonly obfuscateTag = Buffer.from('dddddddd', 'hex');

  override encodePacket(data: Buffer): Buffer {
    const padding = generateRandomBytes(randomInt(BLOCK));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(data.length + padding.length);
    return Buffer.concat([head, data, padding]);
  }

  override async readPacket(reader: PacketReader): Promise<Buffer> {
    // The highest bit belongs to quick acknowledgements, which nobody asks for.
    const length = (await reader.readExactly(4)).readUInt32LE() & 0x7fffffff;
    return withoutPadding(await reader.readExactly(length));
  }
}

/**
 * The way to an MTProxy that takes nothing without padding: its secret begins with `dd`. The client library pads
 * nothing.
 */
export class PaddedMtProxyConnection extends TCPMTProxy {
  override PacketCodecClass = PaddedIntermediateCodec;
}
