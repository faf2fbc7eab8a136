import type { ChatId, MessageId } from '../chat/ids.ts';
import { wordsOf } from '../conversation/words.ts';
import { present } from '../shared/present.ts';
import { type Provenance, provenanceFields } from '../trust/labels.ts';
import { type SaidBy, saidByFields } from './fact.ts';

/** A web address that was saved, by whom and where. Nothing of the page itself is fetched. */
export interface Link {
  readonly url: string;
  /** What a tenant has only once: the address without what makes no difference. */
  readonly key: string;
  /** Whose it is: a workspace, else a room. */
  readonly tenant: string;
  /** What it is, in the words of who saved it. */
  readonly note?: string;
  readonly savedBy: SaidBy;
  readonly chatId: ChatId;
  /** The message that is nothing but links, of which it is one. Absent: somebody asked to save it. */
  readonly messageId?: MessageId;
  /** In ms since 1970. */
  readonly savedAt: number;
  /** Whose words they are, and what an agent had been shown that wrote them. Absent: that is not known. */
  readonly provenance?: Provenance;
}

/** A link and nothing else, whatever the object that it is taken from holds beside. */
export const linkFields = ({ url, key, tenant, note, savedBy, chatId, messageId, savedAt, provenance }: Link): Link => ({
  url,
  key,
  tenant,
  savedBy: saidByFields(savedBy),
  chatId,
  savedAt,
  ...present({ note, messageId, provenance: provenanceFields(provenance) }),
});

/** The longest address that is saved. */
export const MAX_LINK_LENGTH = 2_048;
/** The most links of one message that are saved. */
export const MAX_LINKS = 10;
/** A longer text is no list of links. */
const MAX_LIST_LENGTH = 100_000;

/** Parameters by which a page is not another one. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_cid|mc_eid)$/i;

/**
 * An address of the web, without credentials and without the punctuation behind it, and its key; undefined where the
 * text is none.
 */
export const readLink = (written: string): Pick<Link, 'url' | 'key'> | undefined => {
  const text = withoutPunctuation(written);
  if (text.length > MAX_LINK_LENGTH || !/^https?:\/\/[^\s/?#]/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  const key = new URL(url);
  for (const name of [...key.searchParams.keys()]) if (TRACKING.test(name)) key.searchParams.delete(name);
  // A page of one document may tell its parts apart by what follows the sign.
  if (!/^#[!/]/.test(key.hash)) key.hash = '';
  const end = key.pathname === '/' ? /\/(?=$|\?|#)/ : /\/$/;
  return url.href.length > MAX_LINK_LENGTH
    ? undefined
    : { url: url.href, key: key.href.replace(/^https?:\/\/(?:www\.)?/, '').replace(end, '') };
};

/** What people write behind an address. */
const BEHIND = new Set(',.;:!?…"\'`’‘”“«»›>)]}。，、！？；：）」』】');
/** What belongs to the address where it has the opening one, too. */
const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

const withoutPunctuation = (text: string): string => {
  if (text.length > 2 * MAX_LINK_LENGTH) return text;
  const spare = new Map<string, number>();
  for (const sign of text) spare.set(sign, (spare.get(sign) ?? 0) + 1);
  let end = text.length;
  while (end > 0 && BEHIND.has(text.charAt(end - 1))) {
    const sign = text.charAt(end - 1);
    const opening = OPENING[sign];
    const count = spare.get(sign) ?? 0;
    if (opening !== undefined && count <= (spare.get(opening) ?? 0)) break;
    spare.set(sign, count - 1);
    end--;
  }
  return text.slice(0, end);
};

/** A line in brackets: so Kept names the files of a message. */
const OF_A_FILE = /^\s*\[[^\]]*\]\s*$/;
/** What stands between the links of a list, or before each. */
const BETWEEN = /^[-–—•·*,;|&+]{1,3}$/;
/** What people write before an address. */
const BEFORE = /^[<([{"'`“„‘«‹「『【（]{1,3}(?=https?:)/i;

/** The links of a message. */
export interface ListedLinks {
  /** Those that are saved, each once. */
  readonly links: readonly Pick<Link, 'url' | 'key'>[];
  /** How many further ones there are. */
  readonly left: number;
}

export const NO_LINKS: ListedLinks = { links: [], left: 0 };

/** The links of a text that is nothing but one or more of them, beside the files that came with it; none of another. */
export const listedLinks = (text: string): ListedLinks => {
  if (text.length > MAX_LIST_LENGTH) return NO_LINKS;
  const written = text.split('\n').filter((line) => !OF_A_FILE.test(line));
  const parts = written.flatMap((line) => line.split(/\s+|[,;](?=https?:\/\/)/i)).filter((part) => part !== '' && !BETWEEN.test(part));
  const links = new Map<string, Pick<Link, 'url' | 'key'>>();
  for (const part of parts) {
    const link = readLink(part.replace(BEFORE, ''));
    if (!link) return NO_LINKS;
    links.set(link.key, link);
  }
  return { links: [...links.values()].slice(0, MAX_LINKS), left: Math.max(0, links.size - MAX_LINKS) };
};

/** The links of `listedLinks` that are saved. */
export const linksOf = (text: string): readonly Pick<Link, 'url' | 'key'>[] => listedLinks(text).links;

/** The words by which a link is found: of its address and its note. */
export const wordsOfLink = ({ url, note = '' }: Pick<Link, 'url' | 'note'>): readonly string[] => wordsOf(`${readable(url)} ${note}`);

/** The address as people read it. */
const readable = (url: string): string => {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
};
