import { expect } from 'chai';
import { describe, it } from 'mocha';
import { excerptAround, isFound, wordQuery, wordsOf } from '../../../src/domain/index.ts';

describe('The words of a text', () => {
  it('are in small letters, without accents and signs', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['Überraschung: Straße, naïve ÉCOLE', 'uberraschung strasse naive ecole'],
      ['foo-bar_baz v1.2 don’t', 'foo bar baz v1 2 don t'],
      ['東京タワー 2階', '東 京 タ ワ ー 2 階'],
      ['हिन्दी की', 'हिन्दी की'],
      ['Łódź smørre ΣΊΣΥΦΟΣ İstanbul', 'lodz smorre σισυφοσ istanbul'],
      ['so\u00adft zero\u200bwidth', 'soft zerowidth'],
      ['🚂 !? "" \0', ''],
    ];
    for (const [text, words] of cases) expect(wordsOf(text).join(' '), text).to.equal(words);
  });

  it('are bounded in number and length, whatever the text', () => {
    expect(wordsOf('a '.repeat(60_000))).to.have.length(10_000);
    expect(wordsOf('x'.repeat(500))).to.deep.equal(['x'.repeat(64)]);
    // Each of these is eighteen letters long.
    expect(wordsOf('\ufdfa '.repeat(50_000)).join('').length).to.be.at.most(100_000);
  });
});

describe('A query for words', () => {
  it('takes quotes for phrases, and every other sign for nothing', () => {
    expect(wordQuery('train "at five" AI 東京 foo-bar')).to.deep.equal([
      { words: ['train'], isBeginning: true },
      { words: ['at', 'five'], isBeginning: false },
      { words: ['ai'], isBeginning: false },
      { words: ['東', '京'], isBeginning: false },
      { words: ['foo', 'bar'], isBeginning: true },
    ]);
    for (const nothing of ['', '"', '""', '* ( ) : - ^ + ~', '" " \\']) expect(wordQuery(nothing), nothing).to.deep.equal([]);
    expect(wordQuery('“at five” „um fünf“ «à cinq»').map(({ words }) => words.join(' '))).to.deep.equal(['at five', 'um funf', 'a cinq']);
  });

  it('has 20 phrases and 100 words at the most', () => {
    expect(wordQuery('word '.repeat(1_000))).to.have.length(20);
    expect(wordQuery('東'.repeat(1_000))[0]?.words).to.have.length(100);
  });

  it('finds a text that has all of its phrases, and nothing without one', () => {
    const words = wordsOf('The night train leaves at five');
    for (const text of ['train', 'trai nigh', '"at five"', 'five at']) expect(isFound(words, wordQuery(text)), text).to.equal(true);
    for (const text of ['', 'rain', '"five at"', '"trai"', 'train six', 'th'])
      expect(isFound(words, wordQuery(text)), text).to.equal(false);
  });
});

describe('An excerpt around what was found', () => {
  it('shows it in one line, with marks where something is left out', () => {
    const text = `${'before '.repeat(100)}the\nTräin leaves ${'after '.repeat(100)}`;
    const shown = excerptAround(text, wordQuery('train'), 80);
    expect(shown).to.match(/^…[\s\S]*the Träin leaves[\s\S]*…$/);
    expect(shown.length).to.be.at.most(80);
    expect(excerptAround('short', wordQuery('train'), 80)).to.equal('short');
    expect(excerptAround(`train ${'after '.repeat(100)}`, wordQuery('train'), 20)).to.equal('train after after a…');
    expect(excerptAround(`${'before '.repeat(100)}train`, wordQuery('train'), 20)).to.match(/^….*train$/);
  });

  it('cuts no character in two', () => {
    for (let length = 10; length < 40; length++)
      expect(excerptAround(`${'🚂'.repeat(50)} train ${'🚂'.repeat(50)}`, wordQuery('train'), length).isWellFormed()).to.equal(true);
  });
});
