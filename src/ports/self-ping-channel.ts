/** A way for the agent to write to itself and to see what comes back, by the same road as everybody else. */
export interface SelfPingChannel {
  /** Writes `ping <nonce>`. Resolves once it is received. */
  ping(nonce: string): Promise<void>;
  /**
   * Calls `listener` with the text of each message that the agent is sent there, until the returned function is called.
   */
  onReply(listener: (text: string) => void): () => void;
}
