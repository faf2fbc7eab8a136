export interface Randomness {
  /** A fresh identifier, unguessable: `[A-Za-z0-9_-]{1,64}`. */
  id(): string;
  /** A signed 64-bit number in decimal, never 0: an MTProto `random_id`. */
  randomId(): string;
  /** In [0, 1). */
  fraction(): number;
}
