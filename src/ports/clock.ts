export interface Clock {
  /** Now, in ms since 1970. */
  now(): number;
  /**
   * Ms since some moment, at the pace of real time, whatever `now` is set to meanwhile. Absent: nobody sets it, and
   * `now` serves.
   */
  elapsed?(): number;
  /**
   * Runs `action` once, `ms` from now, unless the returned function is called first. MUST NOT keep the process alive by
   * itself.
   */
  after(ms: number, action: () => void): () => void;
}
