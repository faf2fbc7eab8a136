import { makeGrowingRedactor } from '../../domain/redaction/growing.ts';
import { makeSecretFinder } from '../../domain/redaction/redactor.ts';
import { withoutSpans } from '../../domain/redaction/spans.ts';
import type { Redact } from '../../ports/redact.ts';

/**
 * Makes what takes secrets out of a text: the given values, wherever and however often they stand, as they are or in
 * the ways in which addresses, JSON, base64 and hex write them; and whatever has the shape of a key, token, private key
 * or password. Values under 8 characters are not secrets.
 */
export const makeRedactor = (secrets: readonly string[]): Redact & { readonly growing: (text: string) => string } => {
  const find = makeSecretFinder(secrets);
  const redact = (text: string): string => withoutSpans(text, find(text));
  return Object.assign(redact, { growing: makeGrowingRedactor(secrets, find) });
};
