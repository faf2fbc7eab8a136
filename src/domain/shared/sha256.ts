import { hash } from 'node:crypto';

/** The SHA-256 of a text's UTF-8, in hexadecimal. Half of a surrogate pair counts as U+FFFD. */
export const sha256 = (text: string): string => hash('sha256', text);
