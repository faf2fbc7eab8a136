import { type AuditRow, faultInWords } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AuditVerdict } from '../../ports/index.ts';
import { iso } from './iso.ts';

/** A row of the audit log as JSON: what its hash is made of, and the hash. */
export const auditRowView = ({ seq, at, kind, actor, facts, hash, previous }: AuditRow) => ({
  seq,
  at: iso(at),
  kind,
  actor,
  facts,
  hash,
  previous,
});

/** Whether the audit log holds, as JSON. */
export const auditVerdictView = ({ head, fault, missingGuards, unsealed }: AuditVerdict) => ({
  ok: fault === undefined && missingGuards === undefined,
  ...present({ missingGuards, head, fault: fault && { ...fault, problem: faultInWords(fault) } }),
  unsealed: unsealed.count,
});
