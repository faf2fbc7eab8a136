/** Who has the lead, as far as the storage knows. */
export interface LeaseHolder {
  readonly holder: string;
  /** How long it lasts unless it is renewed, from the moment of the answer. */
  readonly lastsMs: number;
}

/** The right to be the one active bot of a database, for a time. */
export interface LeaderLease {
  /**
   * Takes the lead for `leaseMs`, or keeps it as long again, unless somebody else has it; resolves to who has it now.
   * Time is the storage's own. MUST NOT let two holders have it at once, whatever becomes of either.
   */
  claim(holder: string, leaseMs: number): Promise<LeaseHolder>;
  /** Gives the lead up, where `holder` has it. */
  resign(holder: string): Promise<void>;
}
