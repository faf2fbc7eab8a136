import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { makeFaults } from '../faults.ts';
import { makeRecorder } from '../recorder.ts';
import { decode, encode } from '../tl/codec.ts';
import { bytes } from '../tl/value.ts';
import { bigEndian, DH_PRIME, fromBigEndian, igeDecrypt, igeEncrypt, modPow, sha1, sha256 } from '../wire/crypto.ts';
import { type ExchangedKey, makeKeyExchange } from '../wire/key-exchange.ts';
import { makeRsaKey } from '../wire/rsa-key.ts';
import { makeTransport } from '../wire/transport.ts';

const int32 = (value: number): Buffer => {
  const made = Buffer.alloc(4);
  made.writeInt32LE(value);
  return made;
};

describe('The Telegram server: transports', () => {
  const packets = [Buffer.alloc(40, 1), Buffer.alloc(600, 2)];

  const full = packets.map((packet, at) => {
    const head = Buffer.concat([int32(packet.length + 12), int32(at), packet]);
    return Buffer.concat([head, int32(crc32(head) | 0)]);
  });
  const intermediate = packets.map((packet) => Buffer.concat([int32(packet.length), packet]));
  const abridged = packets.map((packet) => {
    const words = packet.length / 4;
    return Buffer.concat([words < 127 ? Buffer.from([words]) : Buffer.from([127, words & 255, words >> 8, 0]), packet]);
  });

  const obfuscated = (): Buffer => {
    const header = Buffer.concat([Buffer.alloc(8, 3), randomBytes(48), Buffer.alloc(4, 0xef), Buffer.alloc(4, 5)]);
    const cipher = createCipheriv('aes-256-ctr', header.subarray(8, 40), header.subarray(40, 56));
    const sealed = cipher.update(header);
    return Buffer.concat([header.subarray(0, 56), sealed.subarray(56), cipher.update(Buffer.concat(abridged))]);
  };

  const streams: Readonly<Record<string, Buffer>> = {
    full: Buffer.concat(full),
    intermediate: Buffer.concat([Buffer.alloc(4, 0xee), ...intermediate]),
    abridged: Buffer.concat([Buffer.from([0xef]), ...abridged]),
    'obfuscated abridged': obfuscated(),
  };

  for (const [name, stream] of Object.entries(streams)) {
    it(`read whole packets of the ${name} transport, in whatever pieces they arrive`, () => {
      for (const size of [1, 7, 64, stream.length]) {
        const transport = makeTransport();
        const received: Buffer[] = [];
        for (let at = 0; at < stream.length; at += size) received.push(...transport.feed(stream.subarray(at, at + size)));
        expect(received.map((packet) => packet.toString('hex'))).to.deep.equal(packets.map((packet) => packet.toString('hex')));
      }
    });
  }

  it('refuse a wrong checksum and a packet out of turn in the full transport', () => {
    const broken = Buffer.from(streams.full ?? '');
    broken[20] = 9;
    expect(() => makeTransport().feed(broken)).to.throw('checksum');
    const again = Buffer.concat([full[0] ?? Buffer.alloc(0), full[0] ?? Buffer.alloc(0)]);
    expect(() => makeTransport().feed(again)).to.throw('packet 0 where 1 was due');
  });
});

describe('The Telegram server: the key exchange', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = makeRsaKey(pair.privateKey);

  /** RSA_PAD, from the client's side. */
  const sealedForServer = (inner: Buffer): Buffer => {
    for (;;) {
      const data = Buffer.concat([inner, randomBytes(192 - inner.length)]);
      const key = randomBytes(32);
      const hashed = Buffer.concat([Buffer.from(data).reverse(), sha256(key, data)]);
      const sealed = igeEncrypt(hashed, { key, iv: Buffer.alloc(32) });
      const mask = sha256(sealed);
      const block = Buffer.concat([Buffer.from(key.map((byte, at) => byte ^ (mask[at] ?? 0))), sealed]);
      if ((block[0] ?? 255) < 128) return publicEncrypt({ key: pair.publicKey, padding: constants.RSA_NO_PADDING }, block);
    }
  };

  /** The client's side, until the key that both end with fulfils the condition. */
  const exchange = (
    wanted: (key: Buffer) => boolean,
  ): { readonly ours: Buffer; readonly theirs: ExchangedKey; readonly hashFits: boolean } => {
    const accepted: ExchangedKey[] = [];
    const server = makeKeyExchange(rsa, (key) => accepted.push(key));
    const nonce = randomBytes(16);
    const newNonce = randomBytes(32);
    const offer = server.answer({ _: 'req_pq_multi', nonce });
    const serverNonce = bytes(offer, 'serverNonce');
    const [p, q] = [Buffer.from('494c553b', 'hex'), Buffer.from('53911073', 'hex')];
    const inner = encode({ _: 'p_q_inner_data_dc', pq: bytes(offer, 'pq'), p, q, nonce, serverNonce, newNonce, dc: 2 });
    const encryptedData = sealedForServer(inner);
    const dhParams = server.answer({ _: 'req_DH_params', nonce, serverNonce, p, q, publicKeyFingerprint: rsa.fingerprint, encryptedData });
    const b = sha1(serverNonce, newNonce);
    const aes = {
      key: Buffer.concat([sha1(newNonce, serverNonce), b.subarray(0, 12)]),
      iv: Buffer.concat([b.subarray(12), sha1(newNonce, newNonce), newNonce.subarray(0, 4)]),
    };
    const serverInner = decode(igeDecrypt(bytes(dhParams, 'encryptedAnswer'), aes).subarray(20));
    const prime = fromBigEndian(DH_PRIME);
    const gA = fromBigEndian(bytes(serverInner, 'gA'));
    let exponent = fromBigEndian(randomBytes(256));
    let secret = modPow(gA, exponent, prime);
    for (;;) {
      const ours = bigEndian(secret, 256);
      if (!wanted(ours)) {
        exponent += 1n;
        secret = (secret * gA) % prime;
        continue;
      }
      const gB = bigEndian(modPow(3n, exponent, prime), 256);
      const clientInner = encode({ _: 'client_DH_inner_data', nonce, serverNonce, retryId: 0n, gB });
      const hashed = Buffer.concat([sha1(clientInner), clientInner]);
      const padded = Buffer.concat([hashed, randomBytes(-hashed.length & 15)]);
      const done = server.answer({ _: 'set_client_DH_params', nonce, serverNonce, encryptedData: igeEncrypt(padded, aes) });
      const [theirs] = accepted;
      if (!theirs) throw new Error('no key was accepted');
      const hash = sha1(newNonce, Buffer.from([1]), sha1(ours).subarray(0, 8)).subarray(4, 20);
      return { ours, theirs, hashFits: bytes(done, 'newNonceHash1').equals(hash) };
    }
  };

  it('gives both sides the same key and salt', () => {
    const { ours, theirs, hashFits } = exchange(() => true);
    expect(theirs.authKey.equals(ours)).to.equal(true);
    expect(hashFits).to.equal(true);
  });

  it('keeps the zero byte that a key begins with', () => {
    const { ours, theirs, hashFits } = exchange((key) => key[0] === 0);
    expect(ours[0]).to.equal(0);
    expect(theirs.authKey.equals(ours)).to.equal(true);
    expect(hashFits).to.equal(true);
  });

  it('refuses a client that does not know the server’s key', () => {
    const server = makeKeyExchange(rsa, () => undefined);
    const offer = server.answer({ _: 'req_pq_multi', nonce: randomBytes(16) });
    expect(offer.serverPublicKeyFingerprints).to.deep.equal([rsa.fingerprint]);
    const request = {
      _: 'req_DH_params',
      nonce: bytes(offer, 'nonce'),
      serverNonce: bytes(offer, 'serverNonce'),
      p: Buffer.from('494c553b', 'hex'),
      q: Buffer.from('53911073', 'hex'),
    };
    expect(() => server.answer({ ...request, publicKeyFingerprint: 5n, encryptedData: randomBytes(256) })).to.throw('fingerprint');
    expect(() =>
      server.answer({
        ...request,
        publicKeyFingerprint: rsa.fingerprint,
        encryptedData: Buffer.concat([Buffer.alloc(1), randomBytes(255)]),
      }),
    ).to.throw('proof of work');
  });
});

describe('The Telegram server: recorders and planned faults', () => {
  it('a recorder waits for an item, and says which there are when it does not come', async () => {
    const recorder = makeRecorder<number>('numbers', (each) => each);
    const waiting = recorder.until((each) => each > 1);
    recorder.record(1);
    recorder.record(2);
    expect(await waiting).to.equal(2);
    expect(await recorder.untilCount(2)).to.deep.equal([1, 2]);
    const missing = await recorder.until((each) => each > 5, 1).catch((error: Error) => error.message);
    expect(missing).to.match(/no match in numbers within 1 ms; there are 2/);
  });

  it('faults strike in the order in which they were planned, for one method or for any', () => {
    const faults = makeFaults();
    faults.fail('a', 'ONE', 2);
    faults.fail('*', 'ANY');
    expect(faults.take('b')).to.include({ error: 'ANY' });
    expect([1, 2, 3].map(() => faults.take('a'))).to.deep.equal([
      { kind: 'error', error: 'ONE' },
      { kind: 'error', error: 'ONE' },
      undefined,
    ]);
  });

  it('faults withhold, double and reverse as many updates as planned', () => {
    const faults = makeFaults();
    const seen: number[] = [];
    const pass = (...numbers: readonly number[]) =>
      numbers.forEach((each) => {
        faults.pass(() => seen.push(each));
      });
    faults.withholdUpdates(1);
    pass(1, 2);
    faults.duplicateUpdates(1);
    pass(3, 4);
    faults.reverseUpdates(3);
    pass(5, 6, 7, 8);
    expect(seen).to.deep.equal([2, 3, 3, 4, 7, 6, 5, 8]);
  });
});
