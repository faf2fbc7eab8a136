import type { ChatId } from '../chat/ids.ts';
import { excerpt } from '../shared/excerpt.ts';
import { present } from '../shared/present.ts';

/** What kinds of facts the audit log holds. */
export const AUDIT_KINDS = [
  'asked',
  'denied',
  'approval-asked',
  'approval-decided',
  'approval-expired',
  'approval-ended',
  'acted',
  'promise-made',
  'promise-ended',
  'spent',
  'budget-stopped',
  'leg-removed',
  'standing-approval',
  'pairing',
  'configuration',
  'webhook-abandoned',
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
  /**
   * Ids, names and numbers, never a secret, never content at length: a plain JSON object. `chatId` in it is the chat
   * that the fact belongs to.
   */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Names what it tells of: of all facts with this name, the first is stored. Absent: each is. No part of the row. */
  readonly once?: string;
}

/** A fact in its place in the chain. */
export interface AuditRow extends Omit<AuditFact, 'once'> {
  /** From 1, without gaps. */
  readonly seq: number;
  /** SHA-256 of the row, its `previous` included, in hexadecimal. */
  readonly hash: string;
  /** The hash of the row before; `NO_ROWS.hash` in the first one. */
  readonly previous: string;
}

/** The end of the chain: whoever keeps it elsewhere can prove later that nothing up to it was changed or removed. */
export type AuditHead = Pick<AuditRow, 'seq' | 'hash'>;

/** The head of a chain without rows. */
export const NO_ROWS: AuditHead = { seq: 0, hash: '0'.repeat(64) };

/** Which rows, in the order of `seq`. */
export interface AuditFilter {
  /** Rows behind this `seq`. */
  readonly after?: number;
  /** Rows before this `seq`. */
  readonly before?: number;
  /** Facts that happened then or later, in ms since 1970. */
  readonly since?: number;
  /** Absent: all. */
  readonly kinds?: readonly AuditKind[];
  readonly chatId?: ChatId;
  /** Default: the first rows first. */
  readonly newestFirst?: boolean;
  readonly limit: number;
}

const MAX_FACT_TEXT = 500;
const MAX_FACT_ITEMS = 50;
const MAX_FACT_DEPTH = 4;
/** The longest that the facts of one row may be, as JSON. */
export const MAX_FACTS_LENGTH = 8_192;

/** The fact as it is stored: long texts and lists are cut, so that no row grows without bound. */
export const auditFields = ({ at, kind, actor, facts, once }: AuditFact): AuditFact => {
  const cut = cutTo(facts, 0) as AuditFact['facts'];
  const whole = JSON.stringify(cut).length <= MAX_FACTS_LENGTH;
  const { chatId } = cut;
  return {
    at,
    kind,
    actor: excerpt(actor, MAX_FACT_TEXT),
    facts: whole ? cut : { ...present({ chatId }), cut: true },
    ...present({ once }),
  };
};

const cutTo = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return excerpt(value, MAX_FACT_TEXT);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'boolean' ? value : null;
  if (depth === MAX_FACT_DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_FACT_ITEMS).map((item) => cutTo(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .slice(0, MAX_FACT_ITEMS)
      .map(([key, item]) => [excerpt(key, MAX_FACT_TEXT), cutTo(item, depth + 1)]),
  );
};

/** The chat that a fact belongs to. */
export const chatOfFact = ({ facts }: Pick<AuditFact, 'facts'>): string | undefined =>
  typeof facts.chatId === 'string' ? facts.chatId : undefined;
