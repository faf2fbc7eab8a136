/** The holder of the leader's lease, as far as the storage knows. */
export interface LeaseHolder {
  readonly holder: string;
  /** How long the lease lasts unless it is renewed, counted from the moment of the answer. */
  readonly lastsMs: number;
}

/** The leader's lease: the right to be the only active bot of a database for a limited time. */
export interface LeaderLease {
  /**
   * Takes the lease for `leaseMs`, or renews it, unless somebody else holds it. Resolves to the holder. The storage's
   * clock counts. MUST NOT let two holders have the lease at once, whatever happens to either.
   */
  claim(holder: string, leaseMs: number): Promise<LeaseHolder>;
  /** Gives the lease up if `holder` has it. MUST change nothing otherwise. */
  resign(holder: string): Promise<void>;
}
