import { expect } from 'chai';
import fc from 'fast-check';
import type { FormattedText } from '../../../../src/adapters/telegram/format/formatted-text.ts';

/** Each entity as `Kind "text" extra`. */
export const shown = ({ text, entities }: FormattedText): string[] =>
  entities.map((entity) => {
    const extra = 'language' in entity ? entity.language : 'url' in entity ? entity.url : '';
    const covered = JSON.stringify(text.slice(entity.offset, entity.offset + entity.length));
    return `${entity.className.replace('MessageEntity', '')} ${covered} ${extra}`.trimEnd();
  });

export const splitsPair = (text: string, at: number): boolean => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));

/**
 * Every entity covers something that is there, in whole characters, in order; no style holds itself; nothing crosses
 * code.
 */
export const expectSound = ({ text, entities }: FormattedText): void => {
  const reach = new Map<string, number>();
  let last = 0;
  let codeEnd = 0;
  for (const { className, offset, length } of entities) {
    const end = offset + length;
    const covered = text.slice(offset, end);
    if (offset < last || end > text.length || covered.trim() === '' || splitsPair(text, offset) || splitsPair(text, end))
      expect.fail(`unsound ${className} at ${offset}, ${length}`);
    if (offset < (reach.get(className) ?? 0)) expect.fail(`${className} at ${offset} overlaps another`);
    const isCode = /Pre|Code/.test(className);
    if (offset < codeEnd) expect.fail(`${className} at ${offset} stands in code`);
    if (isCode) {
      for (const [other, otherEnd] of reach)
        if (!other.endsWith('Blockquote') && otherEnd > offset) expect.fail(`${other} holds code at ${offset}`);
      codeEnd = end;
    }
    reach.set(className, end);
    last = offset;
  }
};

const PIECES = [
  ...[
    '**',
    '*',
    '_',
    '~~',
    '`',
    '```',
    '```ts\n',
    '\n```\n',
    '||',
    '|',
    '\n|-|-|\n',
    '[',
    '](',
    ')',
    '![',
    '<',
    '>',
    '\n> ',
    '\n- ',
    '\n1. ',
    '\n# ',
  ],
  ...['\n', '\n\n', ' ', '    ', '\\', '&amp;', '<br>', 'https://a.example/x', '---', '\t', '\r\n', '\0'],
  ...[
    'word1',
    'word2',
    'ä',
    '日本語',
    '👍🏽',
    '👨‍👩‍👧‍👦',
    '🇩🇪🇫🇷',
    'e\u0301',
    'z\u0300\u0301\u0302\u0303',
    '\u200b',
    '\u202e',
    '\ud800',
    '\udc00',
    '𝒳',
    '\u00a0',
  ],
];

export const hostileMarkdown = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary' })), { maxLength: 60 })
  .map((parts) => parts.join(''));
