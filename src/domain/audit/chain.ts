import { canonicalJson } from '../shared/canonical-json.ts';
import { sha256 } from '../shared/sha256.ts';
import type { AuditFact, AuditHead, AuditRow } from './audit.ts';

/**
 * What the hash of a row is made of: the canonical JSON of the row as it is exported, without its hash. Whoever has an
 * export can compute it anew without Kept.
 */
export const hashedText = ({ seq, at, kind, actor, facts, previous }: Omit<AuditRow, 'hash'>): string =>
  canonicalJson({ seq, at: timeOf(at), kind, actor, facts, previous });

const timeOf = (at: number): string => {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString();
};

/** The facts in their places behind `head`. */
export const chainBehind = (head: AuditHead, facts: readonly AuditFact[]): readonly AuditRow[] => {
  let last = head;
  return facts.map((fact) => {
    const { at, kind, actor } = fact;
    const row = { seq: last.seq + 1, at, kind, actor, facts: fact.facts, previous: last.hash };
    const sealed: AuditRow = { ...row, hash: sha256(hashedText(row)) };
    last = sealed;
    return sealed;
  });
};

/** Why a chain does not hold, at which row. */
export type ChainFault =
  /** Rows from `seq` to `upTo` are not there. */
  | { readonly kind: 'missing'; readonly seq: number; readonly upTo: number }
  /** The row stands there more than once. */
  | { readonly kind: 'twice'; readonly seq: number }
  /** The content of the row is not what it was sealed with. */
  | { readonly kind: 'changed'; readonly seq: number }
  /** The row was not sealed behind the row before it. */
  | { readonly kind: 'unlinked'; readonly seq: number }
  /** The rows behind `seq` were removed: the chain ended at `head`. */
  | { readonly kind: 'cut'; readonly seq: number; readonly head: number }
  /** The row at the end is another one than the one that was sealed there. */
  | { readonly kind: 'rewritten'; readonly seq: number }
  /** The row stands behind the end that is kept of the chain. */
  | { readonly kind: 'beyond'; readonly seq: number };

/** How far the chain holds, and why no further. */
export interface ChainCheck {
  readonly head: AuditHead;
  readonly fault?: ChainFault;
}

/** Checks rows that follow `head`, in the order of their `seq`. */
export const checkRows = (head: AuditHead, rows: readonly AuditRow[]): ChainCheck => {
  let last = head;
  for (const row of rows) {
    const { seq } = row;
    if (seq <= last.seq) return { head: last, fault: { kind: 'twice', seq } };
    if (seq !== last.seq + 1) return { head: last, fault: { kind: 'missing', seq: last.seq + 1, upTo: seq - 1 } };
    if (sha256(hashedText(row)) !== row.hash) return { head: last, fault: { kind: 'changed', seq } };
    if (row.previous !== last.hash) return { head: last, fault: { kind: 'unlinked', seq } };
    last = { seq, hash: row.hash };
  }
  return { head: last };
};

/** What is wrong, for people. */
export const faultInWords = (fault: ChainFault): string => {
  const { seq } = fault;
  switch (fault.kind) {
    case 'missing':
      return fault.upTo === seq ? `Row ${seq} is missing.` : `Rows ${seq} to ${fault.upTo} are missing.`;
    case 'twice':
      return `Row ${seq} stands there more than once: all but one of them were put in.`;
    case 'changed':
      return `Row ${seq} was changed after it was sealed.`;
    case 'unlinked':
      return `Row ${seq} was not sealed behind the row that stands before it: one of the two was put in, changed or moved.`;
    case 'cut':
      return `The log ends at row ${seq}, but it was sealed up to row ${fault.head}: the rows behind ${seq} were removed.`;
    case 'rewritten':
      return `Row ${seq} has another hash than the one that was kept of it: the log up to there was written anew.`;
    case 'beyond':
      return `Row ${seq} stands behind the end of the log that was kept of it: it was put in, or that end was put back.`;
  }
};
