import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type AuditFact, type AuditRow, auditFields, MAX_FACTS_LENGTH, NO_ROWS } from '../../../src/domain/audit/audit.ts';
import { type ChainFault, chainBehind, checkRows, faultInWords, hashedText } from '../../../src/domain/audit/chain.ts';
import { canonicalJson } from '../../../src/domain/shared/canonical-json.ts';
import { buildAuditFact, START } from '../../../src/testing/index.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const facts = (count: number): AuditFact[] => Array.from({ length: count }, (_, n) => buildAuditFact({ at: START + n, facts: { n } }));
const rows = chainBehind(NO_ROWS, facts(4));
const [one, two, three, four] = rows as [AuditRow, AuditRow, AuditRow, AuditRow];
const sealedAnew = (row: AuditRow): AuditRow => ({ ...row, hash: sha256(hashedText(row)) });

describe('The chain of the audit log', () => {
  it('holds where each row was sealed behind the one before', () => {
    expect(checkRows(NO_ROWS, rows)).to.deep.equal({ head: { seq: 4, hash: four.hash } });
    expect(checkRows({ seq: 2, hash: two.hash }, [three, four])).to.deep.equal({ head: { seq: 4, hash: four.hash } });
    expect(checkRows(NO_ROWS, [])).to.deep.equal({ head: NO_ROWS });
  });

  it('is told apart by every member of a row', () => {
    for (const change of [
      { seq: 9 },
      { at: START - 1 },
      { kind: 'denied' as const },
      { actor: 'operator' },
      { facts: { n: 7 } },
      { facts: { n: 1, more: null } },
      { previous: NO_ROWS.hash },
    ])
      expect(hashedText({ ...two, ...change }), JSON.stringify(change)).not.to.equal(hashedText(two));
  });

  it('is the hash of the row as it is exported, without its hash', () => {
    const { hash, ...row } = two;
    const exported = { ...row, at: new Date(row.at).toISOString() };
    const sorted = Object.fromEntries(Object.entries(exported).sort(([a], [b]) => a.localeCompare(b)));
    expect(hash).to.equal(sha256(JSON.stringify(sorted)));
  });

  for (const [what, given, fault] of [
    ['a row that is gone', [one, three, four], { kind: 'missing', seq: 2, upTo: 2 }],
    ['rows that are gone', [one, four], { kind: 'missing', seq: 2, upTo: 3 }],
    ['a first row that is gone', [two, three], { kind: 'missing', seq: 1, upTo: 1 }],
    ['a row that was changed', [one, { ...two, actor: 'operator' }, three], { kind: 'changed', seq: 2 }],
    ['a row that was changed and sealed anew', [one, sealedAnew({ ...two, actor: 'operator' }), three, four], { kind: 'unlinked', seq: 3 }],
    ['rows that changed places', [one, { ...three, seq: 2 }, { ...two, seq: 3 }], { kind: 'changed', seq: 2 }],
    ['a row that was put in', [one, sealedAnew({ ...two, previous: NO_ROWS.hash }), three], { kind: 'unlinked', seq: 2 }],
    ['a row that stands there twice', [one, one, two], { kind: 'twice', seq: 1 }],
  ] as const)
    it(`finds ${what}`, () => {
      expect(checkRows(NO_ROWS, given).fault).to.deep.equal(fault);
    });

  it('says what is wrong, and at which row', () => {
    const faults: readonly ChainFault[] = [
      { kind: 'missing', seq: 3, upTo: 3 },
      { kind: 'missing', seq: 3, upTo: 5 },
      { kind: 'changed', seq: 3 },
      { kind: 'unlinked', seq: 3 },
      { kind: 'cut', seq: 3, head: 9 },
      { kind: 'rewritten', seq: 3 },
      { kind: 'beyond', seq: 3 },
      { kind: 'twice', seq: 3 },
    ];
    for (const fault of faults) expect(faultInWords(fault)).to.match(/\b3\b.*\.$/);
    expect(new Set(faults.map(faultInWords)).size).to.equal(faults.length);
  });
});

describe('A fact of the audit log', () => {
  it('is cut where it is long, deep or no JSON', () => {
    const deep = { a: { b: { c: { d: { e: 1 } } } } };
    const stored = auditFields(
      buildAuditFact({ facts: { ...deep, no: undefined, not: Number.NaN, fn: () => 1, text: 'x'.repeat(9_999) } }),
    ).facts;
    expect(stored).to.deep.equal({ a: { b: { c: { d: '…' } } }, not: 'NaN', fn: null, text: `${'x'.repeat(499)}…` });
    const many = auditFields(
      buildAuditFact({ facts: { chatId: 'local:1', list: Array.from({ length: 50 }, () => 'y'.repeat(500)) } }),
    ).facts;
    expect(many).to.deep.equal({ chatId: 'local:1', cut: true });
    expect(JSON.stringify(stored).length).to.be.lessThan(MAX_FACTS_LENGTH);
  });
});

describe('Canonical JSON', () => {
  it('is one text for values that JSON can not tell apart', () => {
    expect(canonicalJson({ b: [{ z: 1, a: undefined }, null], a: 'x', 10: 1, 9: 2 })).to.equal('{"10":1,"9":2,"a":"x","b":[{"z":1},null]}');
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1,"a":2}}'))).to.equal('{"__proto__":{"a":2,"z":1},"b":1}');
    expect([canonicalJson(undefined), canonicalJson('\u2028"'), canonicalJson(new Date(0))]).to.deep.equal([
      'null',
      JSON.stringify('\u2028"'),
      '"1970-01-01T00:00:00.000Z"',
    ]);
  });
});
