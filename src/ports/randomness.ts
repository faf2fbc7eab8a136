export interface Randomness {
  /** A fresh identifier, unguessable: `[A-Za-z0-9_-]{1,64}`. */
  id(): string;
  /** In [0, 1). */
  fraction(): number;
}
