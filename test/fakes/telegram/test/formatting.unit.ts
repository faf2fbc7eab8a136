import { expect } from 'chai';
import fc from 'fast-check';
import { toTelegramAnswer } from '../../../../src/adapters/telegram/format/answer.ts';
import type { FormattedText } from '../../../../src/adapters/telegram/format/formatted-text.ts';
import { hostileMarkdown } from '../../../adapters/telegram/format/samples.ts';
import type { TlObject } from '../index.ts';
import { formatted } from '../world/formatting.ts';

const TEXT = { isCaption: false, mayBeEmpty: false };
const entity = (kind: string, offset: number, length: number, more: Record<string, string> = {}): TlObject => ({
  _: `messageEntity${kind}`,
  offset,
  length,
  ...more,
});
const link = (offset: number, length: number, url: string): TlObject => entity('TextUrl', offset, length, { url });

/** `Kind from-to` */
const shown = (entities: readonly TlObject[]): readonly string[] =>
  entities.map(({ _, offset, length }) => `${_.slice('messageEntity'.length)} ${offset}-${Number(offset) + Number(length)}`);

const refusal = (text: string, entities: readonly TlObject[] = [], rules = TEXT): unknown => {
  try {
    return formatted(text, entities, rules);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
};

describe('The Telegram server: formatting', () => {
  for (const [what, text, entities, error, rules] of [
    ['a text of more than 4,096 UTF-16 units', '🙂'.repeat(2_049), [], 'MESSAGE_TOO_LONG'],
    ['a caption of more than 1,024', 'x'.repeat(1_025), [], 'MEDIA_CAPTION_TOO_LONG', { isCaption: true, mayBeEmpty: true }],
    ['a blank text', ' \n\t', [], 'MESSAGE_EMPTY'],
    ['a text of which nobody sees anything', '\u200b\u2800', [], 'MESSAGE_EMPTY'],
    ['an entity that begins before the text', 'abc', [entity('Bold', -1, 2)], 'ENTITY_BOUNDS_INVALID'],
    ['an entity that ends behind the text', 'abc', [entity('Bold', 1, 3)], 'ENTITY_BOUNDS_INVALID'],
    ['an entity of nothing', 'abc', [entity('Bold', 1, 0)], 'ENTITY_BOUNDS_INVALID'],
    ['an entity that begins amid a character', '🙂a', [entity('Bold', 1, 2)], 'ENTITY_BOUNDS_INVALID'],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(refusal(text, entities, rules)).to.equal(error);
    });

  for (const [what, text, entities, left, kept = text] of [
    [
      'cuts blanks off both ends, and moves entities along',
      '\n  a b  \n',
      [entity('Bold', 3, 1), entity('Italic', 5, 4)],
      ['Bold 0-1', 'Italic 2-3'],
      'a b',
    ],
    ['drops an entity of blanks that are cut off', 'a   ', [entity('Bold', 2, 2)], [], 'a'],
    [
      'puts entities in order, the longer first',
      'abcd',
      [entity('Bold', 2, 1), entity('Italic', 0, 1), entity('Strike', 0, 3)],
      ['Strike 0-3', 'Italic 0-1', 'Bold 2-3'],
    ],
    ['takes nothing around code', 'abcd', [entity('Bold', 0, 4), entity('Code', 1, 1)], ['Code 1-2']],
    [
      'takes nothing in code',
      'abcd',
      [entity('Pre', 0, 4, { language: '' }), entity('Bold', 1, 1), link(2, 1, 'https://a.example/')],
      ['Pre 0-4'],
    ],
    ['takes code in a quotation', 'abcd', [entity('Blockquote', 0, 4), entity('Code', 1, 1)], ['Blockquote 0-4', 'Code 1-2']],
    ['takes no quotation in a quotation', 'abcd', [entity('Blockquote', 0, 4), entity('Blockquote', 1, 2)], ['Blockquote 0-4']],
    ['drops what crosses something else', 'abcd', [entity('Bold', 0, 3), entity('Italic', 2, 2)], ['Bold 0-3']],
    [
      'drops a link that leads nowhere',
      'abcd',
      [link(0, 1, 'javascript:x'), link(1, 1, ''), link(2, 1, 'https://a.example/')],
      ['TextUrl 2-3'],
    ],
    [
      'drops what is beyond a hundred',
      'ab'.repeat(101),
      Array.from({ length: 101 }, (_, at) => entity('Bold', 2 * at, 1)),
      Array.from({ length: 100 }, (_, at) => `Bold ${2 * at}-${2 * at + 1}`),
    ],
  ] as const)
    it(what, () => {
      const taken = formatted(text, entities, TEXT);
      expect([taken.text, shown(taken.entities)]).to.deep.equal([kept, left]);
    });

  it('accepts a caption and a service message without a text', () => {
    expect(formatted(' ', [], { isCaption: true, mayBeEmpty: true })).to.deep.equal({ text: '', entities: [] });
  });
});

/** As the client puts it on the wire. */
const onWire = ({ entities }: FormattedText): readonly TlObject[] =>
  entities.map((each) => ({
    _: `m${each.className.slice(1)}`,
    offset: each.offset,
    length: each.length,
    ...('url' in each ? { url: String(each.url) } : {}),
  }));

describe('The Telegram server, given what Kept makes of Markdown', () => {
  it('accepts all of it unchanged: it refuses, cuts off and drops nothing', () => {
    fc.assert(
      fc.property(hostileMarkdown, (markdown) => {
        const answer = toTelegramAnswer(markdown);
        for (const part of answer.kind === 'messages' ? answer.parts : [answer.caption]) {
          const sent = onWire(part);
          const taken = formatted(part.text, sent, { ...TEXT, isCaption: answer.kind === 'file' });
          expect(taken.entities).to.have.length(sent.length);
          expect(taken.text).to.equal(part.text.trim());
        }
      }),
      { numRuns: 500 },
    );
  });
});
