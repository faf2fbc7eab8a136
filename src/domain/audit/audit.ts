/** What kinds of facts the audit log holds. */
export const AUDIT_KINDS = [
  'asked',
  'denied',
  'approval-asked',
  'approval-decided',
  'approval-expired',
  'acted',
  'promise-made',
  'promise-ended',
  'spent',
  'budget-stopped',
  'leg-removed',
  'standing-approval',
  'pairing',
  'configuration',
  'login',
  'operator',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** A fact for the audit log, before it is chained. */
export interface AuditFact {
  /** When it happened, in ms since 1970. */
  readonly at: number;
  readonly kind: AuditKind;
  /** Who did it: a user's id, `operator`, `agent:<name>` or `kept`. */
  readonly actor: string;
  /** Ids, names and numbers, never a secret, never content at length: a plain JSON object. */
  readonly facts: Readonly<Record<string, unknown>>;
}
