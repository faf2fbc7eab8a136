import { createHash } from 'node:crypto';

/** The first 64 bits of its SHA-256 as a signed number, and never 0. */
const hashed = (text: string): string => {
  const id = createHash('sha256').update(text).digest().readBigInt64BE(0);
  return (id === 0n ? 1n : id).toString();
};

const MIN_ID = -(2n ** 63n);
const MAX_ID = 2n ** 63n - 1n;

/** A signed 64-bit number, written as Telegram writes it: earlier versions stored such numbers as delivery keys. */
const isRandomId = (key: string): boolean => {
  if (!/^-?[1-9]\d{0,18}$/.test(key)) return false;
  const id = BigInt(key);
  return id >= MIN_ID && id <= MAX_ID;
};

/** The random id that Telegram tells a send and its repeats by: always the same one for the same delivery key. */
export const randomIdOf = (deliveryKey: string): string => (isRandomId(deliveryKey) ? deliveryKey : hashed(deliveryKey));

/** The random id of a part of a message: always the same one for the same message and part. */
export const derivedRandomId = (randomId: string, part: string | number): string => hashed(`${randomId}:${part}`);
