/** Gives out directories to one holder at a time. */
export interface DirectoryLocks {
  /**
   * Waits until nobody else holds the directory, and calls `onWait` once if that takes a while. Resolves to its
   * release. The lock of a process that dies is released. Rejects with PortError `aborted` when `signal` aborts.
   */
  take(directory: string, signal: AbortSignal, onWait: () => void): Promise<() => Promise<void>>;
}
