import { randomBytes, randomUUID } from 'node:crypto';
import type { Randomness } from '../../ports/index.ts';

/** Chance from the operating system's cryptographic source. */
export const systemRandomness: Randomness = {
  id: () => randomUUID(),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
