export interface Clock {
  /** Now, in ms since 1970. */
  now(): number;
  /**
   * Ms since an arbitrary moment. MUST advance with real time, even if `now` is set. Absent: `now` is never set and is
   * used instead.
   */
  elapsed?(): number;
  /**
   * Runs `action` once, `ms` from now, unless the returned function is called first. MUST NOT keep the process alive by
   * itself.
   */
  after(ms: number, action: () => void): () => void;
}
