import { type AuditRow, auditFields, chainBehind, chatOfFact, checkRows, NO_ROWS, present } from '../../domain/index.ts';
import type { AuditLog } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { AuditEntry, Tables } from './tables.ts';

export const makeAuditLog = ({ audit, next }: Tables): AuditLog => {
  const unsealed = (limit?: number): readonly AuditEntry[] =>
    select(
      audit.rows(),
      ({ sealed }) => sealed === undefined,
      (a, b) => a.id - b.id,
      limit,
    );
  const rows = (matches: (row: AuditRow) => boolean, limit: number, newestFirst = false): readonly AuditRow[] =>
    select(
      [...audit.rows()].flatMap(({ sealed }) => sealed ?? []),
      matches,
      (a, b) => (newestFirst ? b.seq - a.seq : a.seq - b.seq),
      limit,
    );
  const head: AuditLog['head'] = async () => {
    const [last = NO_ROWS] = rows(() => true, 1, true);
    return { seq: last.seq, hash: last.hash };
  };
  const read: AuditLog['read'] = async ({ after = 0, before, since, kinds, chatId, newestFirst, limit }) =>
    rows(
      (row) =>
        row.seq > after &&
        (before === undefined || row.seq < before) &&
        (since === undefined || row.at >= since) &&
        (kinds === undefined || kinds.includes(row.kind)) &&
        (chatId === undefined || chatOfFact(row) === chatId),
      limit,
      newestFirst,
    );
  return {
    add: async (facts) => {
      const told = new Set(facts.some(({ once }) => once !== undefined) ? [...audit.rows()].map(({ fact }) => fact.once) : []);
      for (const fact of facts) {
        if (fact.once !== undefined && told.has(fact.once)) continue;
        told.add(fact.once);
        audit.put({ id: next('audit'), fact: auditFields(fact) });
      }
    },
    seal: async (limit) => {
      const waiting = unsealed(limit);
      const sealed = chainBehind(
        await head(),
        waiting.map(({ fact }) => fact),
      );
      for (const [at, entry] of waiting.entries()) audit.put({ ...entry, ...present({ sealed: sealed[at] }) });
      return sealed.length;
    },
    read,
    head,
    check: async (from, limit) => checkRows(from, await read({ after: from.seq, limit })),
    missingGuards: async () => [],
    unsealed: async () => {
      const waiting = unsealed();
      return {
        count: waiting.length,
        ...present({ since: waiting.length === 0 ? undefined : Math.min(...waiting.map(({ fact }) => fact.at)) }),
      };
    },
  };
};
