import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { derivedRandomId, randomIdOf } from '../../../../src/adapters/telegram/outbound/random-ids.ts';

const hashed = (text: string): string => createHash('sha256').update(text).digest().readBigInt64BE(0).toString();
const [MIN, MAX] = [-(2n ** 63n), 2n ** 63n - 1n];

describe('The random id of a send to Telegram', () => {
  it('is the delivery key itself where that is a signed 64-bit number, as earlier versions stored it', () => {
    for (const key of ['1', '-1', '1001', String(MIN), String(MAX)]) expect(randomIdOf(key)).to.equal(key);
    fc.assert(
      fc.property(fc.bigInt({ min: MIN, max: MAX }), (key) => {
        fc.pre(key !== 0n);
        expect(randomIdOf(String(key))).to.equal(String(key));
      }),
    );
  });

  it('is made of any other delivery key by SHA-256, and is a signed 64-bit number other than 0', () => {
    const keys = ['0', '-0', '00', '01', '+1', '1.0', ' 1', '', 'a', String(MAX + 1n), String(MIN - 1n), '9'.repeat(19), '1'.repeat(40)];
    for (const key of keys) expect(randomIdOf(key), key).to.equal(hashed(key));
    fc.assert(
      fc.property(fc.uuid(), (key) => {
        const id = BigInt(randomIdOf(key));
        expect(id !== 0n && id >= MIN && id <= MAX).to.equal(true);
      }),
    );
  });

  it('is another one for each part of a message, and always the same for the same part', () => {
    const ids = [1, 2, 'file', 'anew', 'moved', 'general'].map((part) => derivedRandomId('1001', part));
    expect(new Set(ids).size).to.equal(ids.length);
    expect(derivedRandomId('1001', 1)).to.equal(hashed('1001:1'));
  });
});
