/**
 * Words that name a secret wherever they stand in a name: `DB_PASSWORD`, `clientSecret`, `x-api-key`,
 * `aws_session_token`.
 */
export const SECRET_WORD =
  'pass(?:word|wd|[_-]?phrase|code|_?key)|(?<![A-Za-z])(?:pass|psk)(?![A-Za-z])|bw_session|pwd|secret|(?<!max[_ -]?)token(?!s)|credentials?|api[_ -]?(?:key|hash|token)|(?:access|account|auth|private|encryption|signing|shared|master|service|subscription|storage|webhook|session|deploy|license|app|consumer|license|client|function|admin|host)[_ -]?key|connection[_ -]?string|_auth';
/** What may follow such a word in the name of a secret: `_BASE`, `_ID` or `Name` tell of something else. */
export const LAST_WORD =
  '(?:[_ -]?(?:access|key|value|base|hash|plain|text|raw|prod|production|dev|test|live|staging|old|new|primary|secondary|\\d{1,3})){0,2}';
const QUOTES = `\\\\?["'\`]`;

/** What is no secret although it stands where one would: words of types, of placeholders, of code. */
const NOTHING =
  /^(?:\[redacted\].*|[\^~]?\d+(?:\.\d+){1,3}|(?:access|refresh|id|api|auth|bearer|subject)[_-]?(?:token|key|secret)|string|number|boolean|true|false|null|none|nil|undefined|any|unknown|object|required|optional|secret|password|passwd|token|bearer|basic|digest|bytes|text|str|int|bool|env|prompt|hidden|masked|redacted|changeme|example|placeholder|yes|no|on|off|pass|passed|fail|failed|missing|invalid|expired|wrong|unset|empty|default|readonly|async|await|function|const|utf-?8|ascii|base64(?:url)?|hex|latin1|binary|process\.env.*|os\.environ.*|\*+|x{3,}|\.{3,}|…+|<.*|\$\{.*|\$\(.*|\$[A-Z_]+|\{\{.*|%.*%|your[-_ ].*|my[-_].*|\(.*)$/i;

/** The name of a variable is none of its values. */
const VARIABLE = /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/;

/** What every named value holds: a line without it needs no closer look. */
export const MAY_NAME_SECRET =
  /(?:pass|pwd|secret|token|credential|key|auth|cookie|string|hash|hmac|session|psk|sign|signature|sig|code)[\w-]{0,24}\\?["'`]?\]?\s{0,8}[:=>]|(?:pass|pwd|key|secret|token|code)\w{0,8} (?:is|was|will) |bearer\s|\s(?:-u|--user|--proxy-user)[ =]?[\w"']|\blogin\s|--?(?:pass|token|secret|api|access|auth)|="[\w:.-]{0,60}(?:pass|secret|token|apikey)/gi;

export interface NamedValue {
  /** Its one group is the value, at the end of what it catches. */
  readonly pattern: RegExp;
  /** Whether what was caught is a secret; `rest` is what follows it. */
  readonly holds: (value: string, rest: string) => boolean;
}

export const isValue = (value: string): boolean => !NOTHING.test(value);
/** Digits, or signs that no name in code has. */
export const isUnlikeWord = (value: string): boolean => (/\d/.test(value) ? !/^[\d.,:_-]{1,6}$/.test(value) : /[^\w.\-/:]/.test(value));
/** `config.secret`, `z.string`, `makeToken`: code. */
const isCode = (value: string, rest: string): boolean =>
  /^(?:[([]| [|&])/.test(rest) || /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*\(/.test(value) || DOTTED.test(value);
const DOTTED = /^[A-Za-z_$]+(?:[?!]?\.[A-Za-z_$]+\d{0,4}[A-Za-z_$]*)+[;,)]?$/;

const name = (words: string): string => `(?:${words})${LAST_WORD}`;

/**
 * Values that have a secret's name in front, in the ways of shells, YAML, JSON, TOML, INI, headers, queries and XML.
 */
export const NAMED_VALUES: readonly NamedValue[] = [
  // "password": "…", password = '…', "auth":"…"; an open quote counts to the end of its line.
  {
    pattern: new RegExp(
      String.raw`(?:${name(SECRET_WORD)}|(?<=["'])auth|_auth)(?:${QUOTES})?\]?[ \t]{0,8}(?:=>|:=|[:=])\s{0,8}(?:[bru]{1,2})?\\?(["'])((?:(?!\\?\1)[^\n])*)`,
      'gi',
    ),
    holds: (value) => value.length >= 4 && isValue(value) && !isCode(value, '') && !VARIABLE.test(value) && !/\s\S+\s/.test(value),
  },
  // NAME_PASSWORD=…, ?token=…, _authToken=…: no blank around the sign.
  {
    pattern: new RegExp(String.raw`${name(SECRET_WORD)}=(?!["'=>~])([^\s&"'<>;,\x60]{6,512})`, 'gi'),
    holds: (value, rest) => isValue(value) && !isCode(value, rest),
  },
  // A line of an environment file: everything up to a blank.
  {
    pattern:
      /^[ \t]{0,16}(?:export |set |ENV |-e |-D)?[A-Z][A-Z\d_]{0,60}(?:PASS|PASSWORD|PWD|SECRET|TOKEN|_KEY|CREDENTIALS)=(?!["'])(\S{4,2048})/gm,
    holds: (value) => isValue(value),
  },
  // password: …, secret_key = …, x-api-key: … without quotes: only what no word of code or prose is.
  {
    pattern: new RegExp(
      String.raw`${name(SECRET_WORD)}["']?[ \t]{0,8}(?:=>|:=|[:=])[ \t]{1,8}(?!["'|>&*!{[(])([^\s"'\x60,;<>(){}[\]]{4,512})`,
      'gi',
    ),
    holds: (value, rest) => isValue(value) && isUnlikeWord(value) && !isCode(value, rest),
  },
  // A whole line `password: letters`, as YAML and people write it.
  {
    pattern:
      /^[ \t]{0,16}(?:- )?["']?[\w.-]{0,32}(?:password|passwd|passphrase|pwd|secret)["']?[ \t]{0,4}[:=][ \t]{1,8}([A-Za-z]{8,128})(?=[ \t]{0,8}(?:#[^\n]*)?$)/gim,
    holds: (value) => isValue(value),
  },
  // As people say it in a chat.
  {
    pattern:
      /\b(?:password|passwd|passphrase|pwd|api[ -]key|secret(?:[ -]key)?|token|pass ?code) (?:is|was|will be|=)[: ]{1,3}["'`]?([^\s"'`,;]{6,512})/gi,
    holds: (value) => isValue(value) && /\d/.test(value) && /[^\d.,:]/.test(value),
  },
  // Headers.
  {
    pattern:
      /\b(?:proxy-)?authorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:(?:basic|digest|token|bearer|apikey|ssws|negotiate|aws4-hmac-sha256|key|bot|sso-key)\s{1,4})?([^\s"',;\\]{4,8192})/gi,
    holds: isHeaderValue,
  },
  { pattern: /\bBearer\s{1,4}(?=\S{0,256}\d)([\w.~+/=-]{8,})/gi, holds: isValue },
  {
    pattern: /\b(?:set-)?cookie2?\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?((?=[^\s=;"]{1,128}=)[^\r\n"']{4,8192})/gi,
    holds: (value) => !/^[\w$]+\s*=>/.test(value),
  },
  {
    pattern: /\bx-(?:[a-z]{1,20}-){0,3}(?:key|token|secret|signature|auth)\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?([^\s"',;\\]{6,8192})/gi,
    holds: (value) => isValue(value) && isUnlikeWord(value),
  },
  // Signatures in addresses, and what commands are given.
  {
    pattern: /[?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature|code|key|auth|hmac)=([\w%+/=~.-]{16,2048})/gi,
    holds: (value) => /\d/.test(value),
  },
  {
    pattern: /(?<![\w-])--?(?:password|passwd|pass|token|secret|api-?key|access-?key|auth-?token)[ \t]{1,4}(?!-)["']?([^\s"'<>$]{6,512})/gi,
    holds: (value) => isValue(value) && isUnlikeWord(value),
  },
  {
    pattern: /\s(?:-u|--user|--proxy-user)[ =]?["']?[^\s:"']{1,128}:([^\s"']{3,256})/gi,
    holds: (value) => isValue(value) && !/^\d{1,6}$/.test(value),
  },
  { pattern: /\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8}(\S{3,256})/gi, holds: isValue },
  // XML, and the `key="Password" value="…"` of .NET.
  { pattern: new RegExp(String.raw`<(?:[\w:.-]{0,40})(?:${SECRET_WORD})>([^<>\s]{4,512})(?=</)`, 'gi'), holds: isValue },
  { pattern: /(?:key|name)="[\w:.-]{0,60}(?:password|passwd|secret|token|apikey)"\s{1,8}value="([^"\n]{4,512})(?=")/gi, holds: isValue },
];

function isHeaderValue(value: string): boolean {
  return isValue(value) && (/\d/.test(value) || value.length >= 12 || /[=+/]/.test(value));
}
