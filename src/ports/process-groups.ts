/** Groups of processes, each led by a child of this process that was started `detached`. POSIX systems only. */
export interface ProcessGroups {
  /**
   * Ends the group if this process dies, in whatever way. Resolves to a function that dismisses the guard. Rejects with
   * PortError `unavailable`.
   */
  guard(group: number, graceMs: number): Promise<() => void>;
  /** Ends every process of the group: SIGTERM, then SIGKILL after `graceMs`. Resolves when all are gone. */
  end(group: number, graceMs: number): Promise<void>;
}
