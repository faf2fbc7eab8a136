/** Whether a link's text looks like an address other than its target. */

/** Removes invisible characters, and replaces everything that browsers or readers take for a dot. */
const asSeen = (text) =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, '')
    .replace(/[\u3002\uff0e\uff61\u00b7\u2022\u2027\u2219\u22c5\u30fb]/g, '.')
    .replaceAll('\\', '/');
/** Host names are not longer; the rest of a longer word is a path. */
const LONGEST_HOST = 300;
/** A dot at its end is part of a name, too, and says nothing. */
const withoutWww = (host) => host.replace(/^www\./, '').replace(/\.$/, '');

const SCHEME = /^[^\p{L}\p{N}]*((?:[a-z][a-z0-9+.-]*:\/+)|https?:|mailto:)?(.*)$/iu;
const DOTTED = /[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)+/gu;
const HOST = /^(?:\d+(?:\.\d+){3}|.*\.(?:xn--)?\p{L}[\p{L}\p{N}\p{M}-]+)$/u;

/**
 * The hosts that the text names: of each address with a scheme, and of everything that looks like a host
 * (`bank.example/login`), also between punctuation.
 */
const hostsNamed = (text) =>
  asSeen(text)
    .split(/[\s()[\]{}<>"'“”‘’«»,;]+/)
    .flatMap((word) => {
      const [, scheme, rest = ''] = SCHEME.exec(word.slice(0, LONGEST_HOST)) ?? [];
      const [authority = ''] = rest.split(/[/?#]/, 1);
      // Before an @ stands a name, not a host; but it is read first.
      return authority.split('@').flatMap((part) => hostsIn(part.replace(/:\d*$/, ''), scheme));
    });

const hostsIn = (part, scheme) => {
  const hosts = (part.match(DOTTED) ?? []).filter((host) => HOST.test(host));
  return hosts.length === 0 && part !== '' && (scheme !== undefined || /^localhost$/i.test(part)) ? [part] : hosts;
};

/** Plain text without a dot or a slash, as most is. */
const NAMES_NONE = /^(?!.*localhost)[ -\-0-[\]-~\s]*$/i;

/**
 * ` (evil.example)` for `[https://bank.example](https://evil.example)`; `''` where the text names no host but the
 * link's.
 */
export const hostNote = (address, text) => {
  if (text === address || NAMES_NONE.test(text) || !URL.canParse(address)) return '';
  const { hostname } = new URL(address);
  const isSame = (named) => {
    if (!URL.canParse(`https://${named}`)) return false;
    const expected = withoutWww(new URL(`https://${named}`).hostname);
    return withoutWww(hostname) === expected || withoutWww(hostname).endsWith(`.${expected}`);
  };
  return hostsNamed(text).every(isSame) ? '' : ` (${hostname})`;
};
