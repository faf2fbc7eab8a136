import { expect } from 'chai';
import fc from 'fast-check';
import { stripControl } from '../../../src/adapters/terminal/index.ts';
import { draftLines, makePaint, messageBlock } from '../../../src/adapters/terminal/message-text.ts';
import { clip, displayWidth, wrap } from '../../../src/adapters/terminal/text-width.ts';
import { DEFAULT_LOCAL_CHAT } from '../../../src/domain/index.ts';
import { localMessage } from '../../../src/testing/index.ts';
import { slowTexts } from '../../support/hostile-texts.ts';

describe('Text for a terminal', () => {
  const unsafe = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

  it('removes everything that a terminal obeys', () => {
    const hostile = 'a\x1b]0;title\x07b\x1b[2J\x1b[31mred\x1b[0m\x9b2Jc\x08\x7f\x1b\u202ed';
    expect(stripControl(hostile)).to.equal('abredcd');
    expect(stripControl('\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\')).to.equal('link');
  });

  it('removes characters that reorder text', () => {
    expect(stripControl('pay \u202e\u2066\u200f001\u2069\u202c \u200e\u061ceuro')).to.equal('pay 001 euro');
  });

  it('keeps line ends, as line feeds, and tabs, as spaces', () => {
    expect(stripControl('a\r\nb\rc\nd\u2028e\tf')).to.equal('a\nb\nc\nd\ne    f');
  });

  it('makes any text harmless, and changes nothing the second time', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('\x1b', '[', ']', '0', ';', '?', 'm', 'J', '\x07', '\x9b', '\\', 'a', '\n', '\r', '\u202e', '\u200f'),
    });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => {
        const safe = stripControl(text);
        return !unsafe.test(safe) && stripControl(safe) === safe;
      }),
    );
  });

  it('handles hostile text about as fast as plain text', () => {
    const show = (text: string) => {
      const message = {
        chatId: DEFAULT_LOCAL_CHAT,
        messageId: localMessage(1),
        sequence: 1,
        from: 'agent',
        text,
        answers: [],
        at: 0,
      } as const;
      return [messageBlock(message, makePaint(true), 80, text), draftLines(text, 80, 30)];
    };
    expect(slowTexts(show, 10_000)).to.deep.equal([]);
  }).timeout(20_000);

  it('measures text in columns', () => {
    for (const [text, width] of [
      ['abc', 3],
      ['日本', 4],
      ['한국', 4],
      ['ｆｕｌｌ', 8],
      ['e\u0301', 1],
      ['👍', 2],
      ['❤️', 2],
      ['a\u200bb', 2],
    ] as const)
      expect(displayWidth(text), text).to.equal(width);
  });

  it('cuts text at whole characters', () => {
    expect(clip('timetable', 5)).to.equal('time…');
    expect(clip('日本語', 5)).to.equal('日本…');
    expect(clip('日本語', 4)).to.equal('日…');
    expect(clip('日本語', 6)).to.equal('日本語');
    expect(clip('abc', 0)).to.equal('');
  });

  it('wraps between words, keeps indentation, and breaks what is wider than a line', () => {
    expect(wrap('one two three', 8)).to.deep.equal(['one two', 'three']);
    expect(wrap('  indented\n\nend', 20)).to.deep.equal(['  indented', '', 'end']);
    expect(wrap('abcdefghij', 4)).to.deep.equal(['abcd', 'efgh', 'ij']);
    expect(wrap('日本語のテスト', 6)).to.deep.equal(['日本語', 'のテス', 'ト']);
  });

  it('wraps no line wider than asked, and loses only blanks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }).map(stripControl), fc.integer({ min: 8, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        const bare = (raw: string): string => raw.replace(/\s/g, '');
        // One grapheme wider than the line can't be helped.
        const fits = (line: string): boolean => displayWidth(line) <= width || [...new Intl.Segmenter().segment(line)].length === 1;
        return lines.every(fits) && bare(lines.join('')) === bare(text);
      }),
    );
  });
});
