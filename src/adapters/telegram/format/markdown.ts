import MarkdownIt, { type Token } from 'markdown-it';
import { asWritten } from '../../../ports/adapter-kit/as-written.js';
import { blocksAsWritten } from '../../../ports/adapter-kit/as-written-blocks.js';
import { type Composer, makeComposer } from './composer.ts';
import { inReadingOrder } from './direction.ts';
import type { FormattedText } from './formatted-text.ts';
import { plainText, writeInline } from './inline.ts';
import { limitParser } from './limits.ts';
import { renderTable } from './table.ts';

/** Past this depth the parser drops what it finds, so a text that gets there is shown as it was written. */
const MAX_NESTING = 60;

/**
 * No HTML and no references: both would take away text. No set-ext headings: a model that writes a line of dashes below
 * a paragraph means a rule. Links of every kind are parsed, and judged when they are written.
 */
const parser = new MarkdownIt({ html: false, linkify: false, maxNesting: MAX_NESTING }).disable(['reference', 'lheading', 'text_join']);
parser.validateLink = () => true;
parser.normalizeLink = (url) => url;
parser.use(asWritten).use(blocksAsWritten);
const read = limitParser(parser);

/**
 * The Markdown that models write, as text and entities of any length (see `splitText`): headings in bold, lists as
 * text, tables as aligned code, `||spoilers||`. Whatever is not well-formed Markdown comes out as it was written. Never
 * throws; no entity is empty, reaches outside the text or cuts a surrogate pair. The text is empty only where the
 * Markdown shows nothing.
 */
export const toTelegramText = (markdown: string): FormattedText => {
  const written = markdown.toWellFormed().replaceAll('\0', '');
  const source = inReadingOrder(written).replace(/\r\n?/g, '\n');
  const tokens = read(source);
  if (tokens.some(({ level }) => level >= MAX_NESTING - 1)) return { text: source.trim(), entities: [] };
  const composer = makeComposer();
  writeBlocks(tokens, composer);
  const formatted = composer.finish();
  return formatted.text === '' ? { text: source.trim() || written.trim(), entities: [] } : formatted;
};

/** A list that is being written: the number of its next item, where items have numbers. */
interface List {
  number: number | undefined;
}

const writeBlocks = (tokens: readonly Token[], composer: Composer): void => {
  const lists: List[] = [];
  const ends: (() => void)[] = [];
  let table: Token[][][] | undefined;
  let afterMarker = false;

  const indent = (depth: number): string => '   '.repeat(Math.max(0, depth));
  /** Blocks stand a blank line apart; in lists, a line. */
  const separate = (): void => composer.breakLines(lists.length > 0 ? 1 : 2);
  /** Begins a block; the first one of an item stands on the line of its marker. */
  const beginBlock = (): void => {
    if (!afterMarker) composer.write(indent(lists.length));
    afterMarker = false;
  };

  for (const token of tokens) {
    switch (token.type) {
      case 'heading_open':
        beginBlock();
        ends.push(composer.begin({ kind: 'bold' }));
        break;
      case 'paragraph_open':
        beginBlock();
        break;
      case 'inline':
        if (table) table.at(-1)?.push(token.children ?? []);
        else if (token.meta?.isVerbatim) composer.write(token.content);
        else writeInline(token.children ?? [], composer, indent(lists.length));
        break;
      case 'blockquote_open':
        afterMarker = false;
        separate();
        ends.push(composer.begin({ kind: 'quote' }));
        break;
      case 'heading_close':
      case 'blockquote_close':
        ends.pop()?.();
        separate();
        break;
      case 'bullet_list_open':
      case 'ordered_list_open':
        if (lists.length > 0) separate();
        afterMarker = false;
        lists.push({ number: token.type === 'bullet_list_open' ? undefined : Number(token.attrGet('start') ?? 1) });
        break;
      case 'list_item_open': {
        const list = lists.at(-1);
        separate();
        composer.write(`${indent(lists.length - 1)}${list?.number === undefined ? '•' : `${list.number++}.`} `);
        afterMarker = true;
        break;
      }
      case 'bullet_list_close':
      case 'ordered_list_close':
        lists.pop();
        separate();
        break;
      case 'fence':
      case 'code_block':
        writeCode(token.content, /^[\w+#.-]{1,40}/.exec(token.info)?.[0] ?? '');
        break;
      case 'hr':
        beginBlock();
        composer.write('———');
        separate();
        break;
      case 'table_open':
        table = [];
        break;
      case 'tr_open':
        table?.push([]);
        break;
      case 'table_close':
        writeCode(renderTable((table ?? []).map((row) => row.map(plainText))), '');
        table = undefined;
        break;
      case 'paragraph_close':
      case 'list_item_close':
        separate();
        break;
    }
  }

  function writeCode(code: string, language: string): void {
    afterMarker = false;
    separate();
    const end = composer.begin({ kind: 'pre', language });
    composer.write(code.replace(/\n$/, ''));
    end();
    separate();
  }
};
