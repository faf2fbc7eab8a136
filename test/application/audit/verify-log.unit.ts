import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { makeVerifyAuditLog } from '../../../src/application/audit/verify-log.ts';
import type { AuditHead, AuditRow } from '../../../src/domain/audit/audit.ts';
import { NO_ROWS } from '../../../src/domain/audit/audit.ts';
import { chainBehind, checkRows, hashedText } from '../../../src/domain/audit/chain.ts';
import type { AuditLog } from '../../../src/ports/index.ts';
import { buildAuditFact, makeSeededRandomness } from '../../../src/testing/index.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const chain = (count: number): AuditRow[] => [
  ...chainBehind(
    NO_ROWS,
    Array.from({ length: count }, (_, n) => buildAuditFact({ facts: { n } })),
  ),
];
const headOf = (rows: readonly AuditRow[]): AuditHead => {
  const { seq, hash } = rows.at(-1) ?? NO_ROWS;
  return { seq, hash };
};

/** A log over rows that somebody can get at. */
const logOf = (rows: readonly AuditRow[], head: AuditHead | (() => AuditHead)): Omit<AuditLog, 'add' | 'seal'> => {
  const read: AuditLog['read'] = async ({ after = 0, limit }) =>
    rows
      .filter(({ seq }) => seq > after)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit);
  return {
    read,
    head: async () => (typeof head === 'function' ? head() : head),
    check: async (from, limit) => checkRows(from, await read({ after: from.seq, limit })),
    unsealed: async () => ({ count: 0 }),
    missingGuards: async () => [],
  };
};
const verify = (rows: readonly AuditRow[], head: AuditHead, kept?: AuditHead) => makeVerifyAuditLog({ audit: logOf(rows, head) })(kept);

/** A whole number in [0, max). */
type Draw = (max: number) => number;
const anew = (row: AuditRow): AuditRow => ({ ...row, hash: sha256(hashedText(row)) });
const at = (rows: readonly AuditRow[], index: number): AuditRow => rows[index] as AuditRow;

/** What somebody with the database in his hands does to the rows, and who knows how rows are sealed. */
const TAMPERINGS: Readonly<Record<string, (rows: AuditRow[], draw: Draw) => AuditRow[]>> = {
  'changes a fact': (rows, draw) => {
    const i = draw(rows.length);
    return rows.with(i, { ...at(rows, i), facts: { n: -1 } });
  },
  'changes a fact, and seals the row anew': (rows, draw) => {
    const i = draw(rows.length);
    return rows.with(i, anew({ ...at(rows, i), actor: 'operator' }));
  },
  'removes a row': (rows, draw) => rows.toSpliced(draw(rows.length), 1),
  'removes a row, and closes the gap': (rows, draw) => {
    const i = draw(rows.length);
    return rows.toSpliced(i, 1).map((row) => (row.seq > i + 1 ? { ...row, seq: row.seq - 1 } : row));
  },
  'removes a row, and seals all that follow anew': (rows, draw) => {
    const i = draw(rows.length - 1);
    return [...rows.slice(0, i), ...chainBehind(i === 0 ? NO_ROWS : headOf(rows.slice(0, i)), rows.slice(i + 1))];
  },
  'puts a row in, and moves the others up': (rows, draw) => {
    const i = draw(rows.length);
    const put = anew({ ...at(rows, i), seq: i + 1, facts: { forged: true } });
    return [...rows.slice(0, i), put, ...rows.slice(i).map((row) => ({ ...row, seq: row.seq + 1 }))];
  },
  'puts a row in, and seals all that follow anew': (rows, draw) => {
    const i = draw(rows.length);
    const behind = [buildAuditFact({ facts: { forged: true } }), ...rows.slice(i)];
    return [...rows.slice(0, i), ...chainBehind(i === 0 ? NO_ROWS : headOf(rows.slice(0, i)), behind)];
  },
  'swaps two rows': (rows, draw) => {
    const i = draw(rows.length - 1);
    const [a, b] = [at(rows, i), at(rows, i + 1)];
    return rows.with(i, { ...b, seq: a.seq }).with(i + 1, { ...a, seq: b.seq });
  },
  'cuts the end': (rows, draw) => rows.slice(0, draw(rows.length)),
  'adds a row at the end that fits': (rows) => [...rows, ...chainBehind(headOf(rows), [buildAuditFact({ facts: { forged: true } })])],
  'writes everything anew': (rows) => [
    ...chainBehind(
      NO_ROWS,
      rows.map((row) => ({ ...row, actor: 'operator' })),
    ),
  ],
};

describe('Verifying the audit log', () => {
  for (const [what, tamper] of Object.entries(TAMPERINGS))
    it(`finds it where somebody ${what}`, async () => {
      const randomness = makeSeededRandomness(what.length);
      const draw: Draw = (max) => Math.floor(randomness.fraction() * max);
      for (let round = 0; round < 200; round++) {
        const rows = chain(2 + draw(12));
        const { fault, head } = await verify(tamper(rows, draw), headOf(rows));
        expect(fault?.seq, `round ${round}`).to.be.within(0, rows.length + 1);
        expect(head, `round ${round}`).to.equal(undefined);
      }
    });

  it('finds nothing in a log that nobody touched, of any length, and tells its head', async () => {
    for (const length of [0, 1, 2, 999, 1_000, 1_001, 2_500]) {
      const rows = chain(length);
      expect(await verify(rows, headOf(rows))).to.deep.equal({ head: headOf(rows), unsealed: { count: 0 } });
    }
  });

  it('finds by a head that was kept elsewhere what nothing in the database tells', async () => {
    const rows = chain(10);
    const kept = headOf(rows);
    const cut = rows.slice(0, 6);
    expect((await verify(cut, headOf(cut))).fault).to.equal(undefined);
    expect((await verify(cut, headOf(cut), kept)).fault).to.deep.equal({ kind: 'cut', seq: 6, head: 10 });
    const other = [
      ...chainBehind(
        NO_ROWS,
        [...rows, ...rows].map((row) => ({ ...row, actor: 'operator' })),
      ),
    ];
    expect((await verify(other, headOf(other))).fault).to.equal(undefined);
    expect((await verify(other, headOf(other), kept)).fault).to.deep.equal({ kind: 'rewritten', seq: 10 });
    expect((await verify(other.slice(0, 10), headOf(other.slice(0, 10)), kept)).fault).to.deep.equal({ kind: 'rewritten', seq: 10 });
    const longer = [...rows, ...chainBehind(kept, [buildAuditFact()])];
    expect(await verify(longer, headOf(longer), kept)).to.deep.include({ head: headOf(longer) });
  });

  it('is not disturbed by a process that seals meanwhile', async () => {
    const rows = chain(10);
    let asked = 0;
    const audit = logOf(rows, () => headOf(rows.slice(0, asked++ === 0 ? 4 : 10)));
    expect(await makeVerifyAuditLog({ audit })()).to.deep.equal({ head: headOf(rows), unsealed: { count: 0 } });
  });
});
