import { expect } from 'chai';
import fc from 'fast-check';
import { wellFormed } from '../../../src/domain/shared/well-formed.ts';

describe('JSON without halves of characters', () => {
  it('has none left, however deep, in names as in values', () => {
    expect(wellFormed({ a: ['x\ud83d', { 'b\udc00': 'y😀' }], n: 1, none: null })).to.deep.equal({
      a: ['x\ufffd', { 'b\ufffd': 'y😀' }],
      n: 1,
      none: null,
    });
  });

  it('is as it was where it has none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(wellFormed(value)).to.equal(value);
      }),
    );
  });
});
