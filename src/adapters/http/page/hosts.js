/** Whether a link's text looks like the address of somewhere else than the link leads to. */

/** What a reader doesn't see, and the full stops that browsers take for a dot. */
const tidy = (text) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .replaceAll('\\', '/');
/** No name of a host is longer; of a longer word, the rest is a path. */
const LONGEST_HOST = 300;
const withoutWww = (host) => host.replace(/^www\./, '');

/** The hosts that the text names: of each address with a scheme, and of each word that looks like a host (`bank.example/login`). */
const hostsNamed = (text) =>
  tidy(text)
    .split(/[\s()[\]{}<>"'“”‘’«»,;]+/)
    .flatMap((long) => {
      const word = long.slice(0, LONGEST_HOST);
      const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/i.exec(word.replace(/^[.!?…]+|[.!?…:]+$/g, '')) ?? [];
      const [authority = ''] = rest.split(/[/?#]/, 1);
      // Before an @ stands a name, not a host; but it is read first.
      return authority
        .split('@')
        .map((part) => part.replace(/:\d*$/, ''))
        .filter((host) => isHost(host, scheme));
    });

const isHost = (host, scheme) =>
  (scheme.includes('//') && host !== '') || /^(?:\d+(?:\.\d+){3}|.*[^.]\.(?:xn--)?\p{L}[\p{L}\p{N}-]+)\.?$/u.test(host);

/** Plain text without a dot or a slash, as most is. */
const NAMES_NONE = /^[ -\-0-[\]-~\s]*$/;

/** ` (evil.example)` for `[https://bank.example](https://evil.example)`; `''` where the text names no host but the link's. */
export const hostNote = (address, text) => {
  if (text === address || NAMES_NONE.test(text) || !URL.canParse(address)) return '';
  const { hostname } = new URL(address);
  const isSame = (host) => {
    const named = URL.canParse(`https://${host}`) ? withoutWww(new URL(`https://${host}`).hostname) : undefined;
    return named !== undefined && (withoutWww(hostname) === named || hostname.endsWith(`.${named}`));
  };
  return hostsNamed(text).every(isSame) ? '' : ` (${hostname})`;
};
