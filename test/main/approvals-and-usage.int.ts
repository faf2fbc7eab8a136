import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  approvalId,
  DEFAULT_RETRY,
  type LedgerEntry,
  localChatId,
  makePromise,
  moneyOf,
  NO_USAGE,
  promiseId,
} from '../../src/domain/index.ts';
import { buildApproval, buildPromise, START } from '../../src/testing/index.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { makeStoredSite } from '../support/stored-site.ts';

const CHAT = localChatId(1);
const TOOL = 'mcp__tracker__close';

/** A Kept that does not run, with two approvals that wait, and two calls that were paid for. */
const openSite = (): Promise<Site> =>
  makeStoredSite(async ({ promises, approvals, ledger }, site) => {
    for (const n of [1, 2]) {
      const call = { tool: TOOL, input: { number: n, note: 'a\u200bb' }, directory: site.project, chatId: CHAT };
      const metadata = { call: { tool: call.tool, input: call.input } };
      const terms = buildPromise({ id: promiseId(n), chatId: CHAT, metadata, createdAt: Date.now() });
      await promises.add([makePromise({ ...terms, retry: DEFAULT_RETRY }, approvalId(n))]);
      const times = { askedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
      await approvals.add([buildApproval({ id: approvalId(n), promiseId: promiseId(n), call, ...times })]);
    }
    const entry = (id: string, agent: string): LedgerEntry => ({
      id,
      at: START,
      on: 'model',
      name: 'scripted/one',
      chatId: CHAT,
      agent,
      usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 5 },
    });
    await ledger.add([{ ...entry('a', 'valor_agent'), cost: moneyOf(2_500_000) }, entry('b', 'notion_scout')]);
  });

describe('Approvals and usage by command line', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site.remove());
  const approvals = (...words: string[]) => runKept(site, ['approvals', ...words]);
  const json = async (...words: string[]) => JSON.parse((await approvals(...words, '--json')).stdout);

  it('lists approvals with the fields that others build on, and shows every character of one', async () => {
    const listed = await json('list');
    const line = { status: 'asked', tool: TOOL, chatId: CHAT };
    expect(listed.approvals.map(({ askedAt: _, ...rest }: { askedAt: string }) => rest)).to.deep.equal([
      { id: 2, ...line },
      { id: 1, ...line },
    ]);
    for (const { askedAt } of listed.approvals) expect(new Date(askedAt).toISOString()).to.equal(askedAt);
    const { stdout } = await approvals('show', '1');
    expect(stdout).to.include('"note": "a\\u200bb"').and.not.include('\u200b');
    expect((await approvals('show', '9')).code).to.equal(1);
  });

  it('says of a promise which approval it waits for', async () => {
    const promises = (...words: string[]) => runKept(site, ['promises', ...words]);
    expect((await promises('list')).stdout).to.match(/^ *#2 +waiting for approval #2 /m);
    expect((await promises('show', '2')).stdout).to.match(/^It waits for approval #2: .*approvals show 2`?$/m);
    expect(JSON.parse((await promises('show', '2', '--json')).stdout)).to.include({ status: 'waiting', approvalId: 2 });
  });

  it('takes no span for nothing, and none beyond 30 days: the words are wrong', async () => {
    for (const span of ['0s', '31d']) {
      const refused = await approvals('approve', '1', '--for', span);
      expect([refused.code, refused.stdout], span).to.deep.equal([2, '']);
      expect(refused.stderr).to.include('a standing approval holds for longer than nothing, and for at most 30 days');
    }
  });

  it('says which characters no code has', async () => {
    const env = { KEPT_CONFIG: join(site.root, 'pairing.json') };
    writeFileSync(env.KEPT_CONFIG, '{"dm_whitelist": {"pairing": true}}');
    const refused = await runKept(site, ['pairing', 'approve', 'NOSUCH12'], { env });
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('"NOSUCH12" is no code: one has 8 letters and digits, and never 0, 1, I or O');
  });

  it('approves and denies once, as the operator, and gives a standing approval that can be revoked', async () => {
    const approved = await json('approve', '1', '--for', '1d');
    expect(approved).to.deep.include({ id: 1, status: 'approved', decidedBy: 'operator' });
    expect(approved.standing).to.include({ id: 1, approvalId: 1, tool: TOOL });
    const again = await approvals('deny', '1');
    expect(again.code).to.equal(1);
    expect(again.stderr).to.include('approval #1 was approved; the operator decided');
    const denied = await approvals('deny', '2');
    expect([denied.code, denied.stdout.trim()]).to.deep.equal([0, `Approval #2 is denied: ${TOOL} does not run.`]);
    const { standing } = await json('standing');
    expect(standing).to.have.length(1);
    expect(standing[0]).to.include({ id: 1, tool: TOOL, directory: site.project, chatId: CHAT, givenBy: 'operator', approvalId: 1 });
    expect((await approvals('revoke', '1')).stdout.trim()).to.equal('Standing approval #1 holds no longer.');
    expect((await json('standing')).standing).to.deep.equal([]);
    expect((await json('standing', '--all')).standing[0]).to.include({ id: 1, revokedBy: 'operator' });
  });

  it('tells usage and costs, in words and with the fields that others build on', async () => {
    const usage = (...words: string[]) => runKept(site, ['usage', ...words]);
    const tokens = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const { total, rows } = JSON.parse((await usage('--by', 'agent', '--json')).stdout);
    expect(total).to.deep.equal({
      ...tokens,
      inputTokens: 20,
      outputTokens: 10,
      costUsd: 2.5,
      calls: 2,
      unpricedCalls: 1,
      reservedUsd: 0,
    });
    expect(rows).to.deep.equal([
      { agent: 'valor_agent', ...tokens, costUsd: 2.5, calls: 1, unpricedCalls: 0 },
      { agent: 'notion_scout', ...tokens, costUsd: 0, calls: 1, unpricedCalls: 1 },
    ]);
    const { stdout } = await usage();
    expect(stdout)
      .to.match(/^2026-11-22 +2 +20 +10 +0 +\$2\.50 \*$/m)
      .and.include('1 of 2 calls have no price');
    expect((await usage('--since', '2026-11-23T00:00')).stdout.trim()).to.equal('Nothing was used.');
    expect((await usage('--by', 'month')).code).to.equal(2);
    const ahead = await usage('--since', '2099-01-01');
    expect([ahead.code, ahead.stdout]).to.deep.equal([2, '']);
    expect(ahead.stderr).to.include('"2099-01-01" lies ahead').and.include('a span back from now');
  });
});
