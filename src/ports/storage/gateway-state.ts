/**
 * What a gateway must not forget, in small pieces: its session, its place in the stream of updates, how to address its
 * peers, how long the other side asked to be left alone. Keys and values are texts, at the gateway's own choice.
 */
export interface GatewayState {
  get(key: string): Promise<string | undefined>;
  /**
   * Stores every entry, or none; `undefined` deletes. MUST be durable and visible to every process once it resolves. Of
   * two calls side by side, one comes out as the later one, whole.
   */
  set(entries: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** Every entry whose key begins with `prefix`, byte for byte. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
}
