import { createHmac, hash } from 'node:crypto';

/** The SHA-256 of a text's UTF-8, in hexadecimal. Half of a surrogate pair counts as U+FFFD. */
export const sha256 = (text: string): string => hash('sha256', text);

/** What `X-Kept-Signature` holds: the HMAC of a body, as it is sent, under a secret that the receiver knows. */
export const signatureOf = (body: string, secret: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
