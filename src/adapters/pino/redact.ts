import type { Redact } from '../../ports/redact.ts';

const REDACTED = '[redacted]';
/** Shorter values are words that stand everywhere (`ollama`): hiding them would only make texts unreadable. */
const SHORTEST_SECRET = 8;

/** What is secret by its shape alone. Every repetition is bounded or can't overlap itself: a long text costs no more than its length. */
const SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----END))*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, REDACTED],
  [/\b([a-z][a-z\d+.-]{1,30}:\/\/[^\s/:@"'<>]{0,256}):[^\s/"'<>]{1,256}@/gi, `$1:${REDACTED}@`],
  [/\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:Basic|Digest|Token|Bearer)\s{1,4})[^\s"',;]{4,}/gi, `$1${REDACTED}`],
  [/\b(Bearer\s{1,4})(?=\S{0,256}\d)[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  [/(?<![A-Za-z\d])(?:sk|pk|rk)-[\w-]{16,}/g, REDACTED],
  [/(?<![A-Za-z\d])(?:pplx-|secret_|ntn_|gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|npm_|hf_)[\w-]{16,}/g, REDACTED],
  [/(?<![A-Za-z\d])(?:AKIA|ASIA)[A-Z\d]{16}(?![A-Za-z\d])/g, REDACTED],
  [/(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g, REDACTED],
  [/(?<!\d)\d{5,16}:[\w-]{35}(?![\w-])/g, REDACTED],
  [
    /(?<![A-Za-z\d])((?:api[_-]?key|api[_-]?hash|access[_-]?token|refresh[_-]?token|client[_-]?secret|password|passwd|token)=)[^\s&"'<>;,]{6,}/gi,
    `$1${REDACTED}`,
  ],
];

/**
 * Makes what takes secrets out of a text: the given values, wherever and however often they stand, as they are or as URLs and JSON
 * write them; and whatever has the shape of a key, token, private key or password in a URL. Values under 8 characters are not secrets.
 */
export const makeRedactor = (secrets: readonly string[]): Redact => {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, encodeForUrl(secret), JSON.stringify(secret).slice(1, -1)]);
  // The longest first: a secret that begins with another one goes as a whole.
  const written = [...new Set(known)].sort((a, b) => b.length - a.length).map((secret) => escapeRegExp(secret));
  const values = written.length === 0 ? undefined : new RegExp(written.join('|'), 'g');
  return (text) => {
    const rest = values ? text.replace(values, REDACTED) : text;
    return SHAPES.reduce((clean, [shape, replacement]) => clean.replace(shape, replacement), rest);
  };
};

/** Lone surrogates have no URL form: then the value itself stands for it. */
const encodeForUrl = (secret: string): string => (secret.isWellFormed() ? encodeURIComponent(secret) : secret);

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
