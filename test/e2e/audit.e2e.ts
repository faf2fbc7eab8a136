import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3-13';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const TOKEN = 'audit-log-test-token-4711';

interface Row {
  readonly seq: number;
  readonly kind: string;
  readonly actor: string;
  readonly facts: Record<string, unknown>;
  readonly hash: string;
  readonly previous: string;
}

describe('kept audit', function () {
  this.timeout(60_000);
  let site: Site;
  let kept: KeptProcess;
  before(async () => {
    site = await makeSite({ KEPT_API_TOKEN: TOKEN });
    kept = await startKept(site, 'start');
  });
  after(async () => {
    await kept.stop();
    await site.remove();
  });
  const audit = (...words: string[]) => runKept(site, ['audit', ...words]);
  const rows = async (...words: string[]): Promise<Row[]> =>
    (await audit('--json', ...words)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);

  it('tells who did what, as lines whose hashes anybody can compute, and verifies it beside a running Kept', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const body = JSON.stringify({ text: 'in the background, count the TODO comments' });
    await fetch(`${kept.url}/api/chat/messages`, { method: 'POST', headers, body });
    await fetch(`${kept.url}/api/audit`, { headers: { authorization: 'Bearer a guess' } });
    const all = await until('the end of the promise', async () => {
      const found = await rows();
      return found.some(({ kind }) => kind === 'promise-ended') ? found : undefined;
    });
    assert.deepEqual(
      ['configuration', 'login', 'asked', 'promise-made', 'promise-ended'].filter((kind) => !all.some((row) => row.kind === kind)),
      [],
    );
    for (const [at, { hash, ...row }] of all.entries()) {
      assert.equal(row.seq, at + 1);
      assert.equal(row.previous, all[at - 1]?.hash ?? '0'.repeat(64));
      // jq -cS 'del(.hash)' prints this.
      const sorted = (value: unknown): unknown =>
        typeof value !== 'object' || value === null || Array.isArray(value)
          ? value
          : Object.fromEntries(
              Object.entries(value)
                .sort()
                .map(([name, part]) => [name, sorted(part)]),
            );
      assert.equal(
        hash,
        createHash('sha256')
          .update(JSON.stringify(sorted(row)))
          .digest('hex'),
      );
    }
    assert.ok(!JSON.stringify(all).includes('TODO'), 'what was said is not in the log');
    const logins = all.filter(({ kind }) => kind === 'login').map(({ facts }) => facts.outcome);
    assert.deepEqual(logins.sort(), ['accepted', 'refused']);
    const answer = await fetch(`${kept.url}/api/audit?kind=asked,login&limit=2`, { headers });
    assert.deepEqual(((await answer.json()) as { rows: Row[] }).rows, (await rows('--kind', 'asked', 'login')).toReversed().slice(0, 2));
    const made = await rows('--kind', 'promise-made', '--chat', '1', '--since', '1h');
    assert.deepEqual(
      made.map(({ facts }) => facts.promiseId),
      [1],
    );
    assert.match((await audit('--limit', '1')).stdout, /SEQ +AT .* KIND +ACTOR +CHAT +FACTS/);
    const verified = await audit('--verify');
    assert.equal(verified.code, 0);
    const head = /^Head: (\d+:[0-9a-f]{64})$/m.exec(verified.stdout)?.[1] ?? '';
    assert.equal((await audit('--verify', '--head', head)).code, 0);
    const other = await audit(
      '--verify',
      '--head',
      head.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      '--json',
    );
    assert.equal(other.code, 1);
    assert.deepEqual(JSON.parse(other.stdout).fault.kind, 'rewritten');
    assert.equal((await audit('--head', head)).code, 2);
    const narrowed = await audit('--verify', '--since', '1h', '--kind', 'login');
    assert.equal(narrowed.code, 2);
    assert.match(narrowed.stderr, /--verify checks the whole log: leave out --since, --kind/);
  });

  it('exits 1 where somebody changed a row, and says at which and what to do', async () => {
    const database = new Database(site.database);
    assert.throws(() => database.exec(`UPDATE audit_log SET actor = 'nobody' WHERE seq = 2`), /append-only/);
    database.exec(`DROP TRIGGER audit_log_keeps_facts; UPDATE audit_log SET actor = 'nobody' WHERE seq = 2`);
    database.close();
    const { code, stdout, stderr } = await audit('--verify');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /The audit log is broken at row 2\. Row 2 was changed after it was sealed\./);
    assert.match(stderr, /docs\/how-to\/audit\.md/);
  });
});
