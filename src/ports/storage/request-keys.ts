/** An answer as it was first given. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent: JSON. */
  readonly body: string;
}

export interface RequestClaim {
  /** Names the key and whoever sent it. */
  readonly key: string;
  /** Names what is asked for: another request has another. */
  readonly request: string;
  /** Names the effect, if this is the first claim of the key; unique. */
  readonly once: string;
  readonly at: number;
  /** Whoever has not answered by then is taken for dead, in ms since 1970. */
  readonly until: number;
}

export type ClaimedRequest =
  /** It is to be carried out now. `once` names the effect, the same over all claims of the key. */
  | { readonly kind: 'claimed'; readonly once: string }
  | { readonly kind: 'running' }
  /** The key names another request. */
  | { readonly kind: 'other' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer };

/** The idempotency keys of requests: which request each names, whether its effect is stored, and what was answered. */
export interface RequestKeys {
  /** MUST let one of several claims of a key at the same moment be `claimed`. */
  claim(claim: RequestClaim): Promise<ClaimedRequest>;
  /** Whether the effect of that name is stored. */
  isDone(once: string): Promise<boolean>;
  /**
   * Stores with the effect that it is stored. MUST reject with PortError `concurrency` where no claim gave that name,
   * or the effect is stored already: so that none is stored twice.
   */
  markDone(once: string, at: number): Promise<void>;
  /** Stores the answer. MUST leave the first one where there is one. */
  answer(key: string, answer: KeptAnswer): Promise<void>;
  /**
   * Ends the claim of a key without an answer: the next one of this request is `claimed`. MUST keep the name of the
   * effect: it may be stored, though whoever asked for it heard of a failure.
   */
  release(key: string): Promise<void>;
  /**
   * Removes at most `limit` keys that were claimed before that time, and of more than `most` keys, the oldest. Resolves
   * to how many.
   */
  purge(request: { readonly before: number; readonly most: number; readonly limit: number }): Promise<number>;
}
