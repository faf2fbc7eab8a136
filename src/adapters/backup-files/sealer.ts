import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import type { Sealer } from '../../ports/backups.ts';

/** Some 100 ms and 64 MB for each guess: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const COST = { N: 2 ** 16, r: 8, p: 1 };
const MAX_MEMORY = 256 * 1024 ** 2;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;

const sealedSchema = z.object({
  seal: z.literal('scrypt-aes-256-gcm'),
  cost: z.object({
    N: z
      .number()
      .int()
      .min(2)
      .max(2 ** 20),
    r: z.number().int().min(1).max(16),
    p: z.number().int().min(1).max(4),
  }),
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  text: z.base64(),
});

/** scrypt makes the key, AES-256-GCM encrypts: a wrong passphrase and a changed text are told from the right ones. */
export const scryptSealer: Sealer = {
  seal: async (text, passphrase) => {
    const [salt, nonce] = [randomBytes(16), randomBytes(12)];
    const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, COST), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const parts = { salt, nonce, tag: cipher.getAuthTag(), text: sealed };
    const inBase64 = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value.toString('base64')]));
    return `${JSON.stringify({ seal: 'scrypt-aes-256-gcm', cost: COST, ...inBase64 })}\n`;
  },
  open: async (sealed, passphrase) => {
    const read = sealedSchema.safeParse(jsonOf(sealed)).data;
    if (!read) return undefined;
    const [salt, nonce, tag, text] = [read.salt, read.nonce, read.tag, read.text].map((part) => Buffer.from(part, 'base64'));
    if (!salt || !nonce || !tag || !text || tag.length !== 16) return undefined;
    try {
      const decipher = createDecipheriv(CIPHER, await keyOf(passphrase, salt, read.cost), nonce).setAuthTag(tag);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    } catch {
      // Node says no more than that it does not fit.
      return undefined;
    }
  },
};

const keyOf = (passphrase: string, salt: Buffer, cost: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
