/** The longest address that is put behind a text. */
const MAX_URL_LENGTH = 2_048;

/** The address as Telegram opens it from behind a text; undefined where it would not, so that the address must be shown. */
export const openableUrl = (address: string): string | undefined => {
  if (address.length > MAX_URL_LENGTH || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // Names without a dot (`localhost`) are no public addresses: Telegram drops such links, and the address with them.
  return url.hostname.includes('.') && url.href.length <= MAX_URL_LENGTH ? url.href : undefined;
};

/** What must be added to a link's text where it can't be opened from there: the address, unless the text says it already. */
export const shownAddress = (address: string, text: string): string => {
  const bare = address.replace(/^mailto:/i, '');
  if (bare === '' || text.includes(bare)) return '';
  return text.trim() === '' ? bare : ` (${bare})`;
};

/** Plain text without a dot or a slash, as most is. */
const NAMES_NONE = /^[ -\-0-[\]-~\s]*$/;

/** ` (evil.example)` for `[https://bank.example](https://evil.example)`; `''` where the text names no host but the link's. */
export const hostNote = (url: string, text: string): string => {
  if (NAMES_NONE.test(text)) return '';
  const { hostname } = new URL(url);
  return hostsNamed(text).every((host) => leadsTo(hostname, host)) ? '' : ` (${hostname})`;
};

/** Of a longer word than the name of a host may be, the rest is a path. */
const MAX_HOST_LENGTH = 300;

/** The hosts that a text names: of each address with a scheme, and of each word that looks like a host (`bank.example/login`). */
const hostsNamed = (text: string): string[] =>
  text
    .normalize('NFKC')
    // What a reader doesn't see, and the full stops that browsers take for a dot.
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .replaceAll('\\', '/')
    .split(/[\s()[\]{}<>"'“”‘’«»,;]+/)
    .flatMap((long) => {
      const word = long.slice(0, MAX_HOST_LENGTH).replace(/^[.!?…]+|[.!?…:]+$/g, '');
      const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/i.exec(word) ?? [];
      const [authority = ''] = rest.split(/[/?#]/, 1);
      // Before an @ stands a name, not a host; but it is read first.
      const parts = authority.split('@').map((part) => part.replace(/:\d*$/, ''));
      return parts.filter((part) => (scheme.includes('//') && part !== '') || HOST.test(part));
    });

const HOST = /^(?:\d+(?:\.\d+){3}|.*[^.]\.(?:xn--)?\p{L}[\p{L}\p{N}-]+)\.?$/u;

/** Whether a link to this host leads where a reader of the named one expects: to it, or to a part of it. */
const leadsTo = (hostname: string, named: string): boolean => {
  if (!URL.canParse(`https://${named}`)) return false;
  const expected = withoutWww(new URL(`https://${named}`).hostname);
  return withoutWww(hostname) === expected || hostname.endsWith(`.${expected}`);
};

const withoutWww = (host: string): string => host.replace(/^www\./, '');
