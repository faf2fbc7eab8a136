import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import type { Randomness } from '../../ports/index.ts';

/** A call of the system for each number would take longer than all else that is done for it. */
const store = Buffer.alloc(4_096);
let used = store.length;

const next64 = (): bigint => {
  if (used === store.length) {
    randomFillSync(store);
    used = 0;
  }
  used += 8;
  return store.readBigInt64BE(used - 8);
};

/** Chance from the operating system's cryptographic source. */
export const systemRandomness: Randomness = {
  id: () => randomUUID(),
  randomId: () => {
    for (;;) {
      const value = next64();
      if (value !== 0n) return value.toString();
    }
  },
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
