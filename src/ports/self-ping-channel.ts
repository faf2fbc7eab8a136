/** Lets the agent send a message to itself and see the reply, through the same path as everybody's messages. */
export interface SelfPingChannel {
  /** Sends `ping <nonce>`. Resolves once it is received. */
  ping(nonce: string): Promise<void>;
  /**
   * Calls `listener` with the text of each message that arrives there, until the returned function is called.
   */
  onReply(listener: (text: string) => void): () => void;
}
