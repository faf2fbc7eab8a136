import type { MessageId, UserId } from './ids.ts';

/** What looks like a colon, for a class of a regular expression. */
export const COLONS = ':：﹕︓꞉ː∶׃˸︰܃։⁝⁚᛬፡';
/** What our own marks are made of: line ends, colons, brackets of every kind, quotes, `@` and `#`. */
export const MARKS = new RegExp(String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Ps}\p{Pe}\s;；${COLONS}<>＜＞«»"“”'\x60@＠#＃|*_~\\/]+`, 'gu');

/** An id without its gateway, which all of a chat share; what our own marks are made of is escaped. */
export const plainId = (id: UserId | MessageId): string =>
  id
    .slice(id.indexOf(':') + 1)
    .replace(MARKS, (signs) => Array.from(signs, (sign) => `%${sign.codePointAt(0)?.toString(16).toUpperCase()}`).join(''));
