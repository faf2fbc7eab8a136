import { createHash } from 'node:crypto';

/** The random id of a part of a message: always the same one for the same message and part, and never 0. */
export const derivedRandomId = (randomId: string, part: string | number): string => {
  const digest = createHash('sha256').update(`${randomId}:${part}`).digest();
  const id = digest.readBigInt64BE(0);
  return (id === 0n ? 1n : id).toString();
};
