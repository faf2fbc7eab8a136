import { strict as assert } from 'node:assert';
import { type AuditHead, type AuditRow, hashedText, MAX_MESSAGE_LENGTH, NO_ROWS } from '../domain/index.ts';
import type { AuditLog, Storage } from '../ports/index.ts';
import { buildAuditFact, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { wider } from './wider.ts';

const fact = (n: number) => buildAuditFact({ at: START + n, facts: { chatId: telegramChat(501), n } });
const several = (count: number, from = 1) => Array.from({ length: count }, (_, at) => fact(from + at));
const ALL = { limit: 1_000 };
const numbers = (rows: readonly AuditRow[]): readonly unknown[] => rows.map(({ facts }) => facts.n);
/** By other code than the stores' own. */
const sha256 = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

const sealAll = async (audit: AuditLog): Promise<void> => {
  while ((await audit.seal(100)) > 0);
};

/** Computes each hash anew, as whoever has an export would. */
const requireChain = async (rows: readonly AuditRow[], head: AuditHead): Promise<void> => {
  let last = NO_ROWS;
  for (const row of rows) {
    assert.equal(row.seq, last.seq + 1);
    assert.equal(row.previous, last.hash);
    assert.equal(row.hash, await sha256(hashedText(row)));
    last = { seq: row.seq, hash: row.hash };
  }
  assert.deepEqual(head, last);
};

/** The law of `AuditLog`. */
export const auditLogContract: Contract<Storage> = {
  'holds nothing at first': async ({ stores: { audit } }) => {
    assert.deepEqual(await audit.read(ALL), []);
    assert.deepEqual(await audit.head(), NO_ROWS);
    assert.deepEqual(await audit.unsealed(), { count: 0 });
    assert.equal(await audit.seal(10), 0);
    assert.deepEqual(await audit.check(NO_ROWS, 10), { head: NO_ROWS });
  },

  'keeps facts as they were told, and nothing that their objects hold beside': async ({ stores: { audit } }) => {
    const told = buildAuditFact({
      kind: 'promise-ended',
      actor: 'agent:valor_agent',
      facts: { chatId: 'telegram:501', ids: [1, 2], of: { a: null } },
    });
    await audit.add([wider(told), buildAuditFact({ facts: {} })]);
    assert.deepEqual(await audit.unsealed(), { count: 2, since: START });
    assert.deepEqual(await audit.read(ALL), []);
    await sealAll(audit);
    const rows = await audit.read(ALL);
    assert.deepEqual(
      rows.map(({ seq: _, hash: __, previous: ___, ...rest }) => rest),
      [told, buildAuditFact({ facts: {} })],
    );
    assert.deepEqual(await audit.unsealed(), { count: 0 });
  },

  'stores a fact that is told once the first time alone, in one call or several, sealed or not': async ({
    stores: { audit },
    unitOfWork,
  }) => {
    const once = (n: number, name: string) => ({ ...fact(n), once: name });
    await audit.add([once(1, 'acted:a:1'), once(2, 'acted:a:1'), fact(3)]);
    await unitOfWork.run((stores) => stores.audit.add([once(4, 'acted:a:1'), once(5, 'spent:b'), fact(3)]));
    await sealAll(audit);
    await audit.add([once(6, 'spent:b'), once(7, 'acted:a:2')]);
    await sealAll(audit);
    const rows = await audit.read(ALL);
    assert.deepEqual(numbers(rows), [1, 3, 5, 3, 7]);
    assert.ok(rows.every((row) => !('once' in row)));
    await requireChain(rows, await audit.head());
  },

  'seals the facts of a call in their order, as one chain without gaps, a part at a time': async ({ stores: { audit } }) => {
    await audit.add(several(5));
    await audit.add([]);
    assert.equal(await audit.seal(2), 2);
    await audit.add([fact(6)]);
    assert.deepEqual([await audit.seal(3), await audit.seal(100), await audit.seal(100)], [3, 1, 0]);
    const rows = await audit.read(ALL);
    assert.deepEqual(numbers(rows), [1, 2, 3, 4, 5, 6]);
    await requireChain(rows, await audit.head());
  },

  'leaves one chain where several seal at the same time, and others add': async ({ stores: { audit }, unitOfWork }) => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        await unitOfWork.run(({ audit: inUnit }) => inUnit.add(several(3, at * 3 + 1)));
        await Promise.all([audit.seal(4), audit.seal(4)]);
      }),
    );
    await sealAll(audit);
    const rows = await audit.read(ALL);
    assert.equal(rows.length, 24);
    assert.equal(new Set(numbers(rows)).size, 24);
    await requireChain(rows, await audit.head());
  },

  'stores facts with their unit of work, or not at all': async ({ stores: { audit }, unitOfWork }) => {
    const reason = new Error('no');
    await assert.rejects(
      unitOfWork.run(async (stores) => {
        await stores.audit.add([fact(1)]);
        throw reason;
      }),
      reason,
    );
    await assert.rejects(
      unitOfWork.run(async (stores) => {
        await stores.audit.add([fact(2)]);
        await stores.audit.seal(10);
        throw reason;
      }),
      reason,
    );
    assert.deepEqual(await audit.unsealed(), { count: 0 });
    assert.deepEqual(await audit.head(), NO_ROWS);
    await unitOfWork.run((stores) => stores.audit.add([fact(3)]));
    await sealAll(audit);
    assert.deepEqual(numbers(await audit.read(ALL)), [3]);
  },

  'finds rows by place, time, kind and chat, first or newest first': async ({ stores: { audit } }) => {
    await audit.add([
      ...several(3),
      buildAuditFact({ at: START + 4, kind: 'denied', facts: { n: 4 } }),
      buildAuditFact({ at: START + 5, kind: 'login', facts: { n: 5, chatId: telegramChat(502) } }),
      // Told late: its unit took long.
      buildAuditFact({ at: START, kind: 'login', facts: { n: 6 } }),
    ]);
    await sealAll(audit);
    const found = async (filter: object): Promise<readonly unknown[]> => numbers(await audit.read({ ...ALL, ...filter }));
    assert.deepEqual(await found({ after: 2, limit: 2 }), [3, 4]);
    assert.deepEqual(await found({ before: 3 }), [1, 2]);
    assert.deepEqual(await found({ newestFirst: true, limit: 2 }), [6, 5]);
    assert.deepEqual(await found({ newestFirst: true, before: 4, limit: 2 }), [3, 2]);
    assert.deepEqual(await found({ since: START + 3 }), [3, 4, 5]);
    assert.deepEqual(await found({ since: START + 3, after: 3 }), [4, 5]);
    assert.deepEqual(await found({ since: START + 6 }), []);
    assert.deepEqual(await found({ kinds: ['login', 'denied'] }), [4, 5, 6]);
    assert.deepEqual(await found({ kinds: [] }), []);
    assert.deepEqual(await found({ chatId: telegramChat(501) }), [1, 2, 3]);
    assert.deepEqual(await found({ chatId: telegramChat(502), kinds: ['login'] }), [5]);
    assert.deepEqual(await found({ chatId: telegramChat(502), kinds: ['denied'] }), []);
    assert.deepEqual(await found({ after: 6 }), []);
  },

  'checks its rows a part at a time': async ({ stores: { audit } }) => {
    await audit.add(several(5));
    await sealAll(audit);
    const first = await audit.check(NO_ROWS, 3);
    assert.deepEqual([first.head.seq, first.fault], [3, undefined]);
    const second = await audit.check(first.head, 3);
    assert.deepEqual(second, { head: await audit.head() });
    assert.deepEqual(await audit.check(second.head, 3), second);
    const other = await audit.check({ seq: 2, hash: await sha256('other') }, 3);
    assert.deepEqual(other.fault, { kind: 'unlinked', seq: 3 });
    const far = await audit.check({ seq: 1, hash: NO_ROWS.hash }, 0);
    assert.deepEqual(far, { head: { seq: 1, hash: NO_ROWS.hash } });
  },

  'stores facts that no database likes, and cuts those that are too long': async ({ stores: { audit } }) => {
    const hostile = ['nul \0 nul', 'half \ud800 half', "'); DROP TABLE audit_log; --", '\u202e\u200b', '"\\', '漢字 🙂'];
    await audit.add([
      ...hostile.map((text) => buildAuditFact({ actor: text.slice(0, 4), facts: { text, [text]: 1, n: Number.NaN, big: 2 ** 53 } })),
      buildAuditFact({ facts: { text: 'x'.repeat(MAX_MESSAGE_LENGTH * 100), list: Array(10_000).fill(1) } }),
      buildAuditFact({
        facts: { chatId: 'local:1', ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 'é'.repeat(600)])) },
      }),
    ]);
    await sealAll(audit);
    const rows = await audit.read(ALL);
    assert.equal(rows.length, hostile.length + 2);
    await requireChain(rows, await audit.head());
    for (const { facts } of rows) assert.ok(JSON.stringify(facts).length <= 8_192);
    assert.deepEqual(rows.at(-1)?.facts, { chatId: 'local:1', cut: true });
  },
};
