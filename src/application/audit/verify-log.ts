import { type AuditHead, NO_ROWS } from '../../domain/audit/audit.ts';
import type { ChainCheck } from '../../domain/audit/chain.ts';
import { present } from '../../domain/shared/present.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';
import type { VerifyAuditLog } from '../../ports/use-cases/audit.ts';

const PAGE = 1_000;

/** Checks the whole audit log, a part at a time, beside processes that go on sealing. */
export const makeVerifyAuditLog =
  ({ audit }: { readonly audit: Pick<AuditLog, 'check' | 'head' | 'missingGuards' | 'read' | 'unsealed'> }): VerifyAuditLog =>
  async (kept) => {
    const unsealed = await audit.unsealed();
    const upTo = await audit.head();
    const { head, fault } = await walk(audit, upTo, kept);
    const missing = await audit.missingGuards();
    const found = { unsealed, ...present({ missingGuards: missing.length > 0 ? missing : undefined }) };
    return fault ? { fault, ...found } : { head, ...found };
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
