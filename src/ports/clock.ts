export interface Clock {
  /** Now, in ms since 1970. */
  now(): number;
  /** Runs `action` once, `ms` from now, unless the returned function is called first. MUST NOT keep the process alive by itself. */
  after(ms: number, action: () => void): () => void;
}
