import { expect } from 'chai';
import fc from 'fast-check';
import { Api } from 'telegram/tl/index.js';
import type { FormattedText } from '../../../../src/adapters/telegram/format/formatted-text.ts';
import { toTelegramText } from '../../../../src/adapters/telegram/format/markdown.ts';
import { MAX_ENTITIES, splitText } from '../../../../src/adapters/telegram/format/split-text.ts';
import { expectSound, hostileMarkdown, shown, splitsPair } from './samples.ts';

const plain = (text: string): FormattedText => ({ text, entities: [] });
const textsOf = (parts: readonly FormattedText[]): string[] => parts.map(({ text }) => text);
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

describe('Telegram format: a long text in parts', () => {
  const cases: Readonly<Record<string, readonly [number, string, ...string[]]>> = {
    'what fits is one part': [10, '0123456789', '0123456789'],
    'cuts at a paragraph before a later line': [20, 'one two\n\nthree\nfour five', 'one two', 'three\nfour five'],
    'cuts at a line before a later word': [16, 'one two\nthree four five', 'one two', 'three four five'],
    'cuts at a sentence before a later word': [16, 'One two. Three four', 'One two.', 'Three four'],
    'cuts at a word': [8, 'one two three', 'one two', 'three'],
    'cuts a word that is too long': [4, 'abcdefghij', 'abcd', 'efgh', 'ij'],
    'leaves no scrap for the sake of a paragraph': [20, 'a\n\nbcdefgh ijklmnopqrstuv', 'a\n\nbcdefgh', 'ijklmnopqrstuv'],
    'never cuts a surrogate pair': [3, '👍👍👍', '👍', '👍', '👍'],
    'never cuts a grapheme that fits': [12, 'ab👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 'ab', '👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
    'a space that carries an accent is no place to cut': [6, 'abcd \u0301efg', 'abcd \u0301', 'efg'],
    'nor is it dropped where a cut falls in front of it': [4, 'abcd \u0301efg', 'abcd', ' \u0301ef', 'g'],
    'cuts a grapheme that fits nowhere between characters': [4, `a${'\u0301'.repeat(7)}`, 'a\u0301\u0301\u0301', '\u0301'.repeat(4)],
    'white space alone is no message': [4, `a${' \n'.repeat(20)}b`, 'a', 'b'],
    'a blank text gives no part': [4, ' \n\u200b '.repeat(9)],
  };
  for (const [name, [limit, text, ...parts]] of Object.entries(cases))
    it(name, () => expect(textsOf(splitText(plain(text), limit))).to.deep.equal(parts));

  const code = (lines: number): string =>
    `\`\`\`ts\n${Array.from({ length: lines }, (_, i) => `  line ${i + 1};\n${i % 3 === 2 ? '\n' : ''}`).join('')}\`\`\``;

  it('a code block that fits one message stays whole', () => {
    const parts = splitText(toTelegramText(`Before.\n\n${code(5)}\n\nAfter it all.`), 58);
    expect(parts.flatMap(shown)).to.deep.equal(['Pre "  line 1;\\n  line 2;\\n  line 3;\\n\\n  line 4;\\n  line 5;" ts']);
    expect(textsOf(parts)[0]).to.equal('Before.');
  });

  it('a text is not cut inside a code block only because that has the last blank line', () => {
    const parts = splitText(toTelegramText(`- a\n  \`\`\`\n  x1 x1 x1\n\n  x2\n  \`\`\`\n- ${'y'.repeat(40)}`), 30);
    expect(textsOf(parts)[0]).to.equal('• a\nx1 x1 x1\n\nx2');
  });

  it('a code block that fits no message goes on as code, with its indentation', () => {
    const parts = splitText(toTelegramText(`Before.\n\n${code(40)}\n\nAfter.`), 100);
    expect(parts.length).to.be.greaterThan(4);
    for (const part of parts.slice(1, -1)) {
      expect(shown(part)).to.deep.equal([`Pre ${JSON.stringify(part.text)} ts`]);
      expect(part.text).to.match(/^ {2}line/);
    }
  });

  it('entities move with their text, and one that is cut goes on', () => {
    const parts = splitText(toTelegramText('aaaa **bbbb cccc** [dddd](https://a.example/) eeee'), 10);
    expect(parts.map(shown)).to.deep.equal([['Bold "bbbb"'], ['Bold "cccc"', 'TextUrl "dddd" https://a.example/'], []]);
  });

  it('no message has more entities than Telegram keeps', () => {
    const parts = splitText(toTelegramText('**a** b '.repeat(250)));
    expect(parts.map(({ entities }) => entities.length)).to.deep.equal([MAX_ENTITIES, MAX_ENTITIES, 50]);
    const heap = Array.from({ length: 150 }, () => new Api.MessageEntityBold({ offset: 0, length: 1 }));
    expect(splitText({ text: 'a', entities: heap })[0]?.entities).to.have.length(MAX_ENTITIES);
  });

  it('loses nothing but white space, cuts no character, and leaves every part sound', () => {
    fc.assert(
      fc.property(hostileMarkdown, fc.integer({ min: 2, max: 60 }), (markdown, limit) => {
        const whole = toTelegramText(markdown);
        const parts = splitText(whole, limit);
        const solid = (text: string): string => text.replace(/[\s\p{Cc}\p{Cf}]/gu, '');
        expect(solid(textsOf(parts).join(''))).to.equal(solid(whole.text));
        const boundaries = new Set(Array.from(graphemes.segment(whole.text), ({ index }) => index));
        let at = 0;
        for (const part of parts) {
          expect(part.text.length).to.be.within(1, limit);
          expectSound(part);
          at = whole.text.indexOf(part.text, at);
          expect(at, 'each part is a piece of the text, in order').to.be.at.least(0);
          expect(splitsPair(whole.text, at)).to.equal(false);
          const isLong = Array.from(graphemes.segment(whole.text)).some(({ segment }) => segment.length > limit);
          if (!isLong) expect(boundaries.has(at), `a part begins inside a grapheme at ${at}`).to.equal(true);
          at += part.text.length;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('the same text always gives the same parts', () => {
    const markdown = `# A\n\n${'some **bold** words. '.repeat(900)}`;
    expect(JSON.stringify(splitText(toTelegramText(markdown)))).to.equal(JSON.stringify(splitText(toTelegramText(markdown))));
  });
});
