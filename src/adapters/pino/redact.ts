import { makeTextRedactor } from '../../domain/redaction/redactor.ts';
import type { Redact } from '../../ports/redact.ts';

/**
 * Makes what takes secrets out of a text: the given values, wherever and however often they stand, as they are or in the ways in which
 * addresses, JSON, base64 and hex write them; and whatever has the shape of a key, token, private key or password. Values under
 * 8 characters are not secrets.
 */
export const makeRedactor = (secrets: readonly string[]): Redact => makeTextRedactor(secrets);
