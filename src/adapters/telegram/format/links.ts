/** The longest address that is put behind a text. */
const MAX_URL_LENGTH = 2_048;

/**
 * The address as Telegram opens it from behind a text; undefined where it would not, so that the address must be shown.
 */
export const openableUrl = (address: string): string | undefined => {
  if (address.length > MAX_URL_LENGTH || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // Names without a dot (`localhost`) are no public addresses: Telegram drops such links, and the address with them.
  return url.hostname.includes('.') && url.href.length <= MAX_URL_LENGTH ? url.href : undefined;
};

/**
 * What must be added to a link's text where it can't be opened from there: the address, unless the text says it
 * already.
 */
export const shownAddress = (address: string, text: string): string => {
  const bare = address.replace(/^mailto:/i, '');
  if (bare === '' || text.includes(bare)) return '';
  return text.trim() === '' ? bare : ` (${bare})`;
};

/** Plain text without a dot, a slash or an @, as most is. */
const NAMES_NONE = /^(?!.*localhost)[ -\-0-?A-[\]-~\s]*$/i;

/**
 * ` (evil.example)` for `[https://bank.example](https://evil.example)`; `''` where the text names no host and no
 * account but the link's.
 */
export const hostNote = (url: string, text: string): string => {
  if (NAMES_NONE.test(text)) return '';
  const { hostname, pathname } = new URL(url);
  const plain = asSeen(text);
  const account = TELEGRAM.test(hostname) ? accountIn(pathname) : undefined;
  const isSame = hostsNamed(plain).every((host) => leadsTo(hostname, host)) && accountsNamed(plain).every((name) => name === account);
  return isSame ? '' : ` (${hostname}${account === undefined ? '' : `/${account}`})`;
};

/** Of a longer word than the name of a host may be, the rest is a path. */
const MAX_HOST_LENGTH = 300;

/** Without what a reader doesn't see, and with a dot for what is taken for one, by browsers or by readers. */
const asSeen = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, '')
    .replace(/[\u3002\uff0e\uff61\u00b7\u2022\u2027\u2219\u22c5\u30fb]/g, '.')
    .replaceAll('\\', '/');

/**
 * The hosts that a text names: of each address with a scheme, and whatever looks like a host (`bank.example/login`),
 * between signs too.
 */
const hostsNamed = (text: string): string[] =>
  text.split(/[\s()[\]{}<>"'“”‘’«»,;]+/).flatMap((word) => {
    const [, scheme, rest = ''] = SCHEME.exec(word.slice(0, MAX_HOST_LENGTH)) ?? [];
    // Before an @ stands a name, not a host; but it is read first.
    const [authority = ''] = rest.split(/[/?#]/, 1);
    const parts = authority.split('@').map((part) => part.replace(/:\d*$/, ''));
    return parts.flatMap((part) => {
      const hosts = (part.match(DOTTED) ?? []).filter((host) => HOST.test(host));
      return hosts.length === 0 && part !== '' && (scheme !== undefined || /^localhost$/i.test(part)) ? [part] : hosts;
    });
  });

const SCHEME = /^[^\p{L}\p{N}]*((?:[a-z][a-z0-9+.-]*:\/+)|https?:|mailto:)?(.*)$/iu;
const DOTTED = /[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)+/gu;
const HOST = /^(?:\d+(?:\.\d+){3}|.*\.(?:xn--)?\p{L}[\p{L}\p{N}\p{M}-]+)$/u;

const TELEGRAM = /^(?:www\.)?(?:t\.me|telegram\.(?:me|dog))$/;
const ACCOUNT = /(?:^|[\s("'])@([a-z]\w{3,31})(?!\w|\.\w)|(?:\bt\.me|\btelegram\.(?:me|dog))\/([a-z]\w{3,31})/gi;
const accountsNamed = (text: string): string[] =>
  Array.from(text.matchAll(ACCOUNT), ([, name, path]) => (name ?? path ?? '').toLowerCase());
const accountIn = (pathname: string): string | undefined => /^\/([a-z]\w{3,31})(?:\/|$)/i.exec(pathname)?.[1]?.toLowerCase();

/** Whether a link to this host leads where a reader of the named one expects: to it, or to a part of it. */
const leadsTo = (hostname: string, named: string): boolean => {
  if (!URL.canParse(`https://${named}`)) return false;
  const expected = withoutWww(new URL(`https://${named}`).hostname);
  const host = withoutWww(hostname);
  return host === expected || host.endsWith(`.${expected}`);
};

/** A dot at its end is part of a name, too, and says nothing. */
const withoutWww = (host: string): string => host.replace(/^www\./, '').replace(/\.$/, '');
