import { type AuditHead, NO_ROWS } from '../../domain/audit/audit.ts';
import type { ChainCheck, ChainFault } from '../../domain/audit/chain.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';

const PAGE = 1_000;

/** Whether the audit log is what was sealed. */
export interface AuditVerdict {
  /** The end of the log; absent where the chain is broken. */
  readonly head?: AuditHead;
  /** The first thing that is wrong. Who has changed a row and knows how rows are sealed shows at a later one. */
  readonly fault?: ChainFault;
  /** Facts that have no place in the log yet, and since when the oldest of them waits (ms since 1970). */
  readonly unsealed: { readonly count: number; readonly since?: number };
}

/** `kept`: a head that somebody has kept elsewhere. The log must hold it. */
export type VerifyAuditLog = (kept?: AuditHead) => Promise<AuditVerdict>;

/** Checks the whole audit log, a part at a time, beside processes that go on sealing. */
export const makeVerifyAuditLog =
  ({ audit }: { readonly audit: Pick<AuditLog, 'check' | 'head' | 'read' | 'unsealed'> }): VerifyAuditLog =>
  async (kept) => {
    const unsealed = await audit.unsealed();
    const upTo = await audit.head();
    const { head, fault } = await walk(audit, upTo, kept);
    return fault ? { fault, unsealed } : { head, unsealed };
  };

const walk = async (
  audit: Pick<AuditLog, 'check' | 'head' | 'read'>,
  stored: AuditHead,
  kept: AuditHead | undefined,
): Promise<ChainCheck> => {
  const marks = [kept, stored].flatMap((mark) => (mark && mark.seq > 0 ? [mark] : [])).sort((a, b) => a.seq - b.seq);
  let head = NO_ROWS;
  // Stops at each row of which the hash is known from elsewhere.
  for (const mark of marks) {
    while (head.seq < mark.seq) {
      const next = await audit.check(head, Math.min(PAGE, mark.seq - head.seq));
      if (next.fault) return next;
      if (next.head.seq === head.seq) return { head, fault: { kind: 'cut', seq: head.seq, head: mark.seq } };
      head = next.head;
    }
    if (head.hash !== mark.hash) return { head, fault: { kind: 'rewritten', seq: mark.seq } };
  }
  return behind(audit, head);
};

/** Rows behind the head are those that were sealed meanwhile, or they were put in. */
const behind = async (audit: Pick<AuditLog, 'check' | 'head' | 'read'>, known: AuditHead): Promise<ChainCheck> => {
  const next = await audit.check(known, PAGE);
  if (next.fault) return next;
  const last = await audit.head();
  if (next.head.seq > last.seq) return { head: last, fault: { kind: 'beyond', seq: last.seq + 1 } };
  return { head: next.head };
};
