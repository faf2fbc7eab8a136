import type { AuditFact, AuditFilter, AuditHead, AuditRow } from '../../domain/audit/audit.ts';
import type { ChainCheck } from '../../domain/audit/chain.ts';

/**
 * Who did what, for good: nothing in here changes or removes a row. A fact is stored with the unit of work that does
 * what it tells of; it gets its place in the chain a little later, so that no unit waits for another one's.
 */
export interface AuditLog {
  /**
   * Stores facts that are not sealed yet, cut by `auditFields`; none whose `once` a stored fact has. Takes one round
   * trip, whatever their number.
   */
  add(facts: readonly AuditFact[]): Promise<void>;
  /**
   * Gives at most `limit` facts, oldest first, their places in the chain (`chainBehind` the head). Resolves to how
   * many. Any number of processes may call it at the same time: MUST leave one chain without gaps, and the head that
   * belongs to it, in one commit.
   */
  seal(limit: number): Promise<number>;
  /** At most `limit` sealed rows. One that somebody damaged in the database is read as a changed one. */
  read(filter: AuditFilter): Promise<readonly AuditRow[]>;
  /** The end of the chain, as `seal` left it; NO_ROWS before the first. Told apart from the rows: it survives them. */
  head(): Promise<AuditHead>;
  /** Checks at most `limit` rows behind `head` (`checkRows`). Where the same head comes back, there are no more. */
  check(head: AuditHead, limit: number): Promise<ChainCheck>;
  /** The names of what keeps the database itself from changing or removing rows, and is not there any more. */
  missingGuards(): Promise<readonly string[]>;
  /** How many facts wait to be sealed, and since when (ms since 1970). */
  unsealed(): Promise<{ readonly count: number; readonly since?: number }>;
}
