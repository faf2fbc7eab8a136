/**
 * Durable state of one owner, as keys and values that the owner chooses. A gateway stores its session, its checkpoints
 * in the stream of updates and the addresses of its peers; the outbox stores how long a platform asked it to wait.
 */
export interface KeyValueState {
  get(key: string): Promise<string | undefined>;
  /**
   * Stores all entries, or none; `undefined` deletes. MUST be durable and visible to every process once it resolves.
   * Concurrent calls MUST take effect one after the other, each as a whole.
   */
  set(entries: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** Every entry whose key begins with `prefix`, byte for byte. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
}
