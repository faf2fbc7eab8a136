import type { Token } from 'markdown-it';
import type { Composer } from './composer.ts';
import { hostNote, openableUrl, shownAddress } from './links.ts';
import { cutAtMarks, spoilerMarks } from './spoilers.ts';

const LINE_BREAK_TAG = /<br\s{0,4}\/?>/gi;
const STYLES = { strong_open: 'bold', em_open: 'italic', s_open: 'strike' } as const;

/** Writes what stands in one block. Further lines of it begin with `indent`. */
export const writeInline = (children: readonly Token[], composer: Composer, indent: string): void => {
  const marks = spoilerMarks(children);
  const ends: (() => void)[] = [];
  let endSpoiler: (() => void) | undefined;
  let endLink: (() => void) | undefined;
  const breakLine = `\n${indent}`;

  for (const [i, token] of children.entries()) {
    switch (token.type) {
      case 'strong_open':
      case 'em_open':
      case 's_open':
        ends.push(composer.begin({ kind: STYLES[token.type] }));
        break;
      case 'strong_close':
      case 'em_close':
      case 's_close':
        ends.pop()?.();
        break;
      case 'link_open':
        endLink = beginLink(addressOf(token), plainText(upToLinkEnd(children, i + 1)), composer);
        break;
      case 'link_close':
        endLink?.();
        endLink = undefined;
        break;
      case 'code_inline': {
        // Code can't be a link as well, and an address is worth more than a typeface.
        const end = endLink ? undefined : composer.begin({ kind: 'code' });
        composer.write(token.content);
        end?.();
        break;
      }
      case 'image': {
        const description = plainText(token.children ?? []);
        const end = endLink ? undefined : beginLink(addressOf(token), description, composer);
        composer.write(description);
        end?.();
        break;
      }
      case 'softbreak':
      case 'hardbreak':
        composer.write(breakLine);
        break;
      default:
        for (const [at, piece] of cutAtMarks(token, marks).entries()) {
          if (at > 0) {
            endSpoiler?.();
            endSpoiler = endSpoiler ? undefined : composer.begin({ kind: 'spoiler' });
          }
          composer.write(piece.replace(LINE_BREAK_TAG, breakLine));
        }
    }
  }
};

/** What stands in one block, on one line and without formatting; links keep their addresses. */
export const plainText = (children: readonly Token[]): string => {
  let text = '';
  let link: { readonly address: string; readonly from: number } | undefined;
  for (const token of children) {
    if (token.type === 'softbreak' || token.type === 'hardbreak') text += ' ';
    else if (token.type === 'image') text += plainText(token.children ?? []) || addressOf(token);
    else if (token.type === 'link_open') link = { address: addressOf(token), from: text.length };
    else if (token.type === 'link_close' && link) {
      text += shownAddress(link.address, text.slice(link.from));
      link = undefined;
    } else text += token.content.replace(LINE_BREAK_TAG, ' ');
  }
  return text;
};

/**
 * Begins a link to which `text` will be written. The returned function ends it, with the address behind it where it
 * can't be opened, and with the host where the text names another one.
 */
const beginLink = (address: string, text: string, composer: Composer): (() => void) => {
  const url = text === '' ? undefined : openableUrl(address);
  // Telegram finds the links in a text by itself.
  if (url !== undefined && text !== address) {
    const end = composer.begin({ kind: 'link', url });
    return () => {
      end();
      composer.write(hostNote(url, text));
    };
  }
  return () => composer.write(shownAddress(address, text));
};

const addressOf = (token: Token): string => String(token.attrGet(token.type === 'image' ? 'src' : 'href') ?? '');

const upToLinkEnd = (children: readonly Token[], from: number): readonly Token[] => {
  let end = from;
  while (end < children.length && children[end]?.type !== 'link_close') end++;
  return children.slice(from, end);
};
