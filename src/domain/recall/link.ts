import type { ChatId, MessageId } from '../chat/ids.ts';
import { wordsOf } from '../conversation/words.ts';
import { present } from '../shared/present.ts';
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
}

/** A link and nothing else, whatever the object that it is taken from holds beside. */
export const linkFields = ({ url, key, tenant, note, savedBy, chatId, messageId, savedAt }: Link): Link => ({
  url,
  key,
  tenant,
  savedBy: saidByFields(savedBy),
  chatId,
  savedAt,
  ...present({ note, messageId }),
});

/** The longest address that is saved. */
export const MAX_LINK_LENGTH = 2_048;
/** The most links of one message. */
const MAX_LINKS = 10;

/** Parameters by which a page is not another one. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_cid|mc_eid)$/i;

/** An address of the web, without credentials, and its key; undefined where the text is none. */
export const readLink = (text: string): Pick<Link, 'url' | 'key'> | undefined => {
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

/** A line in brackets: so Kept names the files of a message. */
const OF_A_FILE = /^\s*\[[^\]]*\]\s*$/;

/**
 * The links of a text that is nothing but one or more of them, beside the files that came with it; empty for any other
 * text.
 */
export const linksOf = (text: string): readonly Pick<Link, 'url' | 'key'>[] => {
  if (text.length > (MAX_LINK_LENGTH + 2) * MAX_LINKS) return [];
  const written = text.split('\n').filter((line) => !OF_A_FILE.test(line));
  const parts = written.join('\n').trim().split(/\s+/);
  const links = parts.flatMap((part) => readLink(part) ?? []);
  return links.length === parts.length && links.length <= MAX_LINKS ? [...new Map(links.map((link) => [link.key, link])).values()] : [];
};

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
