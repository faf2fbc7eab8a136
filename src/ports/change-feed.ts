/**
 * Tells that stored state may have changed, in this process or another. It is a hint: it may come late, twice or
 * without a change, and the listener reads the state itself. It MUST come at least once a second even if nothing
 * changed, so that a lost hint costs latency and nothing else.
 */
export interface ChangeFeed {
  subscribe(listener: () => void): () => void;
}
