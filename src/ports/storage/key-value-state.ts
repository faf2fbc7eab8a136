/**
 * What one owner must not forget, in small pieces. A gateway keeps its session, its checkpoints in the stream of
 * updates and the addresses of its peers; the outbox keeps how long a platform asked to be left alone. The owner
 * chooses the keys and the values, which are texts.
 */
export interface KeyValueState {
  get(key: string): Promise<string | undefined>;
  /**
   * Stores every entry, or none; `undefined` deletes. MUST be durable and visible to every process once it resolves. Of
   * two calls side by side, one comes out as the later one, whole.
   */
  set(entries: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** Every entry whose key begins with `prefix`, byte for byte. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
}
