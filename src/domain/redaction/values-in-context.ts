import { isUnlikeWord, isValue, LAST_WORD, type NamedValue, SECRET_WORD } from './named-values.ts';

/** Ends in these, or holds them: the name of a secret in a list, an environment or a program. */
const NAME = String.raw`[\w.-]{0,60}(?:${SECRET_WORD})${LAST_WORD}`;
const VALUE = String.raw`[^\s"'\x60<>$(){}[\],;]{4,512}`;
/** What a password is called elsewhere. */
const PASSWORD_WORDS =
  'passwort|kennwort|mot de passe|contrase(?:ñ|n|n\\u0303)a|senha|parola|пароль|hasło|wachtwoord|lösenord|salasana|şifre|密码|密碼|パスワード|비밀번호';

/** What a line that these patterns look at holds. */
export const MAY_HOLD_IN_CONTEXT = new RegExp(
  [
    // The name in one place, the value in the next one.
    String.raw`(?:pass|pwd|secret|token|credential|key)[\w.-]{0,24}\\?["']?\s{0,4}(?:,\s{0,24}|\s{1,24})\\?["']?(?:string)?value\\?["']?\s{0,4}[:=]`,
    String.raw`\b(?:ENV|ARG) \w`,
    String.raw`(?:pass|pwd|secret|token|credential|key)\w{0,24}["'],\s{0,4}["']`,
    String.raw`variable "[\w-]{1,60}"\s{0,4}\{[^}]{0,300}default\s{0,8}=`,
    String.raw`\bsshpass\s|\bmysql(?:dump|admin)?\s|\bredis-cli\s|\blogin\s|:thin:`,
    String.raw`\b(?:seed|recovery|backup|mnemonic)(?: (?:phrase|words|code))?["']?\s{0,4}[:=]`,
    String.raw`"(?:d|k|p|q|dp|dq|qi)"\s{0,4}:|[?&]appid=`,
    String.raw`(?:pass|pwd|secret|token|credential|key)[\w-]{0,24}["']?[ \t]{0,4}:[ \t]{0,4}(?:[|>][+-]?\d?)?[ \t]{0,4}\r?\n[ \t]`,
    String.raw`(?:password|passwd|passphrase|pwd|secret):[^\s/]|\bapp[ -]password`,
    `(?:${PASSWORD_WORDS})`,
  ].join('|'),
  'gi',
);

const isPassword = (value: string): boolean => isValue(value) && isUnlikeWord(value);
const isAnything = (): boolean => true;

/**
 * Values whose name stands elsewhere than in front of them, or in another language than English; and what commands are
 * given.
 */
export const VALUES_IN_CONTEXT: readonly NamedValue[] = [
  // {"name": "API_TOKEN", "value": "…"}, as lists of variables are written in JSON and YAML.
  {
    pattern: new RegExp(
      String.raw`${NAME}\\?["']?(?:\s{0,4},\s{0,24}|\s{1,24})\\?["']?(?:string)?value\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(${VALUE})`,
      'gi',
    ),
    holds: isValue,
  },
  { pattern: /\b(?:ENV|ARG) [A-Z][A-Z\d_]{0,60}(?:PASS|PASSWORD|PWD|SECRET|TOKEN|_KEY|CREDENTIALS) (\S{4,2048})/g, holds: isValue },
  // define('DB_PASSWORD', '…'), setenv("API_KEY", "…").
  {
    pattern: new RegExp(String.raw`["']${NAME}["'],\s{0,4}["']([^\s"']{6,512})(?=["'])`, 'gi'),
    holds: (value) => isPassword(value) && /\d/.test(value),
  },
  {
    pattern: new RegExp(String.raw`variable "${NAME}"\s{0,4}\{[^}]{0,300}?default\s{0,8}=\s{0,8}"([^"\n]{4,512})(?=")`, 'gi'),
    holds: isValue,
  },
  // What follows on the next line, as YAML writes long values.
  {
    pattern: new RegExp(
      String.raw`(?:${SECRET_WORD})["']?[ \t]{0,4}:[ \t]{0,4}(?:[|>][+-]?\d?)?[ \t]{0,4}\r?\n[ \t]{1,24}["']?(${VALUE})["']?[ \t]{0,8}(?=\r?\n|$)`,
      'gi',
    ),
    holds: (value) => isPassword(value) && !/[:=]/.test(value.slice(0, -2)),
  },
  // spring.datasource.password:…
  {
    pattern: /(?:password|passwd|passphrase|pwd|secret):(?!\/)([^\s"'\x60,;<>(){}[\]:]{6,512})/gi,
    holds: (value) => isPassword(value) && /\d/.test(value) && /[a-z]/i.test(value),
  },
  // Other languages.
  {
    pattern: new RegExp(
      String.raw`(?:${PASSWORD_WORDS})\s{0,3}(?:[:：=]|(?:ist|lautet|est|es|è|is|это)(?=\s))\s{0,3}["'«„“]?([^\s"'»“”,;]{4,512})`,
      'gi',
    ),
    holds: (value) => isValue(value) && /[\d\p{P}\p{S}]/u.test(value.replace(/[.!?]$/, '')),
  },
  // Groups of four letters, as mail providers hand out.
  { pattern: /\bapp[ -]password\s{0,4}(?:is|:|=)\s{0,4}["']?((?:[a-z]{4}[ -]){3}[a-z]{4})(?![a-z])/gi, holds: isAnything },
  {
    pattern:
      /\b(?:seed|recovery|backup|mnemonic)(?: (?:phrase|words|code))?["']?\s{0,4}[:=]\s{0,4}["']?((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})/gi,
    holds: isAnything,
  },
  // Commands.
  { pattern: /\bsshpass\s{1,4}-p\s{0,4}["']?([^\s"']{3,256})/g, holds: isValue },
  { pattern: /\bmysql(?:dump|admin)?\s(?:[^\n|;]{0,200}?\s)?-p([^\s"']{4,256})/g, holds: isValue },
  { pattern: /\bredis-cli\s(?:[^\n|;]{0,200}?\s)?-a\s{1,4}["']?([^\s"']{4,256})/g, holds: isValue },
  {
    pattern: /\blogin\s(?:[^\n|;]{0,200}?\s)?-p[ =]{1,4}["']?([^\s"'$]{4,256})/g,
    holds: (value) => isValue(value) && !/^\d{1,5}$/.test(value),
  },
  { pattern: /:thin:[^\s/@:]{1,64}\/([^\s/@"']{1,128})(?=@)/g, holds: isValue },
  // Private parts of keys as JSON.
  {
    pattern: /"(?:d|k|p|q|dp|dq|qi)"\s{0,4}:\s{0,4}"([\w-]{40,2048})(?=={0,2}")/g,
    holds: (value) => /\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value),
  },
  { pattern: /[?&]appid=([A-Za-z\d]{16,128})/gi, holds: (value) => /\d/.test(value) },
];
