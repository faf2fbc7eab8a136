import { expect } from 'chai';
import { makeGrowingRedactor } from '../../../src/domain/redaction/growing.ts';
import { makeSecretFinder } from '../../../src/domain/redaction/redactor.ts';
import { wholeWordsOf } from '../../../src/domain/shared/excerpt.ts';
import { repeated, slowTexts } from '../../support/hostile-texts.ts';
import { from, made } from './made-secrets.ts';

describe('A growing text', () => {
  const known = 'five words of a secret';
  const secrets = [known, 'open-sesame-4711'];
  const growing = makeGrowingRedactor(secrets, makeSecretFinder(secrets));
  const token = from('gh', 'p_', made(36));
  const grown = (text: string): string[] => Array.from({ length: text.length + 1 }, (_, length) => growing(text.slice(0, length)));

  for (const [what, text, shownAtMost] of [
    ['a known value that is spelled out', 'it is o p e n - s e s a m e - 4 7 1 1 ok', 'it is o p e n'],
    ['a known value on two lines', 'it is open\nsesame 4711 ok', 'it is '],
    ['a password of four groups', 'app password: abcd efgh ijkl mnop', 'app '],
    ['a seed phrase', 'seed phrase: one two three four five six seven eight nine ten able ball', 'seed '],
  ] as const)
    it(`shows no beginning of ${what}`, () => {
      const grown = makeGrowingRedactor(['open-sesame-4711'], makeSecretFinder(['open-sesame-4711']));
      for (let length = 1; length < text.length; length++) {
        const shown = grown(text.slice(0, length));
        expect(shown.includes('[redacted]') || shown.length <= shownAtMost.length, JSON.stringify(shown)).to.equal(true);
      }
    });

  it('shows no beginning of a known value, of a token or of a named value', () => {
    for (const secret of [known, 'open-sesame-4711', token, 'password: hunter2hunter2', btoa('open-sesame-4711')]) {
      const parts = grown(`It is ${secret} as you said.`);
      for (const part of parts) expect(part, secret).to.match(/^(?:It is ?(?:(?:password: ?)?(?:\[redacted\].*)?)?|It ?|)$/);
      expect(parts.at(-1)).to.match(/redacted\] as you ?$/);
    }
  });

  for (const unseen of ['\u00ad', '\u115f', '\u180b', '\u200b', '\u3164', '\ufe0f', '\uffa0', '\u{e0041}', '\u{1d173}'])
    it(`shows no beginning of a token that has U+${unseen.codePointAt(0)?.toString(16)} in it, which nobody sees`, () => {
      const parts = grown(`It is ${token.slice(0, 12)}${unseen}${token.slice(12)} as you said.`);
      for (const part of parts) expect(part).not.to.include(token.slice(0, 8));
      expect(parts.at(-1)).to.equal('It is [redacted] as you ');
    });

  it('shows no beginning of a block of a key, so that nothing that was shown is taken back', () => {
    const block = `${from('-----BEGIN RSA PRI', 'VATE KEY-----')}\n${made(64)}\n`;
    for (const part of grown(`It is ${block}`)) expect('It is [redacted]').to.satisfy((whole: string) => whole.startsWith(part));
  });

  it('shows every whole word at once, and text without blanks between its words as it comes', () => {
    expect(growing('A few words and hal')).to.equal('A few words and ');
    expect(growing('これは進行中のテキスト')).to.equal('これは進行中のテキスト');
  });

  it('redacts a growing text in time linear to the text', () => {
    const withBlank = (text: string) => [growing(text), growing(`${text} `)];
    expect(slowTexts(withBlank, 100_000, { texts: repeated(['a', 'a ']) })).to.deep.equal([]);
  });
});

describe('Whole words of a text', () => {
  it('leaves out the word that a cut goes through, so that no half of a key stays', () => {
    expect(wholeWordsOf('a key sk-abcdef and more', 12)).to.equal('a key ');
    expect(wholeWordsOf('a key sk-abcdef and more', 15)).to.equal('a key sk-abcdef');
    expect(wholeWordsOf('a key', 12)).to.equal('a key');
    expect(wholeWordsOf('一二三四五六', 4)).to.equal('一二三四');
    expect(wholeWordsOf('x'.repeat(50), 12)).to.equal('x'.repeat(12));
    expect(wholeWordsOf(`a ${'x'.repeat(30_000)}`, 20_000)).to.have.length(20_000);
  });
});
