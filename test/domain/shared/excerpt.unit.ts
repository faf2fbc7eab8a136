import { expect } from 'chai';
import { excerpt, excerptWithLength, promiseId } from '../../../src/domain/index.ts';
import { beginningOf, lineExcerpt } from '../../../src/domain/shared/excerpt.ts';

describe('the beginning of a text', () => {
  it('cuts no character in two', () => {
    expect(beginningOf('ab😀cd', 3)).to.equal('ab');
    expect(excerpt('ab😀cd', 4)).to.equal('ab…');
    expect(excerptWithLength('ab😀cd', 3)).to.equal('ab… (6 characters in all)');
    expect(lineExcerpt('a\n b😀cd', 5)).to.equal('a b…');
  });

  it('is the text itself where that fits', () => {
    for (const cut of [beginningOf, excerpt, excerptWithLength, lineExcerpt]) expect(cut('four', 4)).to.equal('four');
  });

  it('shows where something is missing, and is never longer than asked', () => {
    expect(excerpt('four words are here', 8)).to.equal('four wo…');
    expect(excerpt('four words are here', 6)).to.equal('four…');
    expect(lineExcerpt('one\t\ttwo\r\nthree\n', 100)).to.equal('one two three');
  });

  it('stands whole in what says that a value is wrong', () => {
    for (let length = 50; length < 64; length++)
      expect(() => promiseId(`${'x'.repeat(length)}😀😀😀😀`))
        .to.throw(/a promise number/)
        .with.property('message')
        .that.satisfies((text: string) => text.isWellFormed());
  });
});
