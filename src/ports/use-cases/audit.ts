import type { AuditFilter, AuditHead, AuditRow } from '../../domain/audit/audit.ts';
import type { ChainFault } from '../../domain/audit/chain.ts';

/** Sealed rows of the audit log, at most `limit` of them. Rejects with PortError. */
export type ReadAuditLog = (filter: AuditFilter) => Promise<readonly AuditRow[]>;

/** Whether the audit log is what was sealed. */
export interface AuditVerdict {
  /** The end of the log; absent where the chain is broken. */
  readonly head?: AuditHead;
  /** The first thing that is wrong. Who has changed a row and knows how rows are sealed shows at a later one. */
  readonly fault?: ChainFault;
  /** The database would let rows be changed or removed, as these guards of its own are gone; absent where none is. */
  readonly missingGuards?: readonly string[];
  /** Facts that have no place in the log yet, and since when the oldest of them waits (ms since 1970). */
  readonly unsealed: { readonly count: number; readonly since?: number };
}

/** Checks the whole log. `kept` is a head that somebody has kept elsewhere: the log must hold it. */
export type VerifyAuditLog = (kept?: AuditHead) => Promise<AuditVerdict>;
