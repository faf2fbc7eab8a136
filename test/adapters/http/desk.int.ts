import { expect } from 'chai';
import { type ListedProcess, moneyOf, NO_ROWS } from '../../../src/domain/index.ts';
import type { LogQuery, NewestMessagesQuery } from '../../../src/ports/index.ts';
import { buildRecord, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const HASH = 'ab'.repeat(32);

describe('HTTP: what an operator looks at', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('is refused with what is missing, where the host does not offer it', async () => {
    const { ask } = await open();
    for (const [method, path, code] of [
      ['GET', '/stats/series', 'stats/not-offered'],
      ['GET', '/processes', 'processes/not-offered'],
      ['GET', '/logs', 'log/not-offered'],
      ['POST', '/audit/verify', 'audit/not-offered'],
      ['GET', '/inbox/local:1/1/why', 'message/not-found'],
    ] as const) {
      const { status, body } = await ask(method, `/api/v1${path}`);
      expect([status, body.error.code], path).to.deep.equal([404, code]);
    }
    const silenced = await ask('POST', '/api/v1/alerts/silences', { target: 'queue.worker', for: '1h' });
    expect([silenced.status, silenced.body.error.code]).to.deep.equal([404, 'alerts/not-offered']);
    expect((await ask('GET', '/api/v1/inbox')).body).to.deep.equal({ messages: [] });
  });

  it('shows series by steps, with null where nothing was measured', async () => {
    const scripted = makeScriptedApi();
    scripted.api.reportSeries = async () => ({
      since: START,
      until: START + 90_000,
      stepMs: 60_000,
      kinds: [{ kind: 'turn', counts: [1, 0], failures: [0, 0], p50Ms: [12, undefined], p95Ms: [15, undefined] }],
      levels: [{ name: 'outbox.pending', average: [undefined, 1.5], most: [undefined, 2] }],
      costs: [moneyOf(1_500), undefined],
      calls: [1, 0],
    });
    const { ask } = await open({}, scripted);
    const { body } = await ask('GET', '/api/v1/stats/series?since=1h');
    expect(body).to.deep.include({ stepSeconds: 60, calls: [1, 0], costs_usd: [0.0015, 0] });
    expect(body.kinds).to.deep.equal([{ kind: 'turn', counts: [1, 0], failures: [0, 0], p50_ms: [12, null], p95_ms: [15, null] }]);
    expect(body.levels).to.deep.equal([{ name: 'outbox.pending', average: [null, 1.5], most: [null, 2] }]);
    expect((await ask('GET', '/api/v1/stats/series?since=soon')).status).to.equal(400);
  });

  it('lists processes, those that live first, at most as many as were asked for', async () => {
    const scripted = makeScriptedApi();
    const entry = (id: string, vitality: ListedProcess['vitality']): ListedProcess => ({
      id,
      role: 'worker',
      host: 'alpha',
      pid: 7,
      version: '0.1.0',
      dataDir: '/data',
      startedAt: START,
      heartbeatAt: START + 1,
      vitality,
      work: { phase: 'running', promises: [], promiseCount: 0, answering: 0 },
    });
    scripted.api.listProcesses = async () => ({
      at: START,
      processes: [entry('a', 'silent'), entry('b', 'alive'), entry('c', 'stopped')],
      restarts: [],
      looping: [],
      restartsWithinMs: 900_000,
    });
    const { ask } = await open({}, scripted);
    const { body } = await ask('GET', '/api/v1/processes?limit=2');
    expect(body.processes.map(({ id }: { id: string }) => id)).to.deep.equal(['b', 'a']);
    expect([body.total, body.restartsWithinSeconds]).to.deep.equal([3, 900]);
  });

  it('shows the end of the log by area, level, chat, promise and trace, at most 500 lines', async () => {
    const scripted = makeScriptedApi();
    const asked: LogQuery[] = [];
    scripted.api.readLog = async (query) => {
      asked.push(query);
      return { state: '7-120', isChanged: true, lines: [{ level: 'info', msg: 'turn committed' }], hasMore: false };
    };
    const { ask } = await open({}, scripted);
    const path = '/api/v1/logs?area=mcp.files&level=warn&chatId=telegram:501&promiseId=3&trace=ab12&limit=500&unless=7-119';
    expect((await ask('GET', path)).body.lines).to.deep.equal([{ level: 'info', msg: 'turn committed' }]);
    await ask('GET', '/api/v1/logs');
    expect(asked).to.deep.equal([
      { area: 'mcp.files', level: 'warn', chatId: 'telegram:501', promiseId: 3, trace: 'ab12', limit: 500, unless: '7-119' },
      { limit: 200 },
    ]);
    for (const wrong of ['limit=501', 'area=../x', 'trace=xyz', 'level=loud', 'unless=%20'])
      expect((await ask('GET', `/api/v1/logs?${wrong}`)).status, wrong).to.equal(400);
  });

  it('checks the audit log, one check at a time, against a head that was kept elsewhere', async () => {
    const scripted = makeScriptedApi();
    let running = 0;
    let most = 0;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    scripted.api.verifyAudit = async (kept) => {
      most = Math.max(most, ++running);
      await held;
      running--;
      return { head: kept ?? NO_ROWS, unsealed: { count: 2 } };
    };
    const { ask } = await open({}, scripted);
    const verify = (body?: object) => ask('POST', '/api/v1/audit/verify', body);
    const checks = Promise.all([verify(), verify({ head: `120:${HASH}` }), verify()]);
    // What is asked after them is answered while the first one reads.
    for (let asked = 0; asked < 5; asked++) await ask('GET', '/api/v1/inbox');
    release();
    const [plain, kept] = await checks;
    expect(plain.body).to.deep.equal({ ok: true, head: NO_ROWS, unsealed: 2 });
    expect(kept.body.head).to.deep.equal({ seq: 120, hash: HASH });
    expect(most).to.equal(1);
    expect((await verify({ head: 'ab' })).body.error.message).to.include('must be a number and a hash');
  });

  it('lists what came in with what was decided, and tells why', async () => {
    const scripted = makeScriptedApi();
    const asked: NewestMessagesQuery[] = [];
    const chat = telegramChat(501);
    const { response: _, ...record } = buildRecord({ chatId: chat, messageId: telegramMessage(9) });
    scripted.api.listInbox = async (query) => {
      asked.push(query);
      return [{ ...record, access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' }, verdict: { kind: 'denied' } }];
    };
    scripted.api.explain = async (chatId, messageId) => (messageId === telegramMessage(9) ? [`in ${chatId}`] : undefined);
    const { ask } = await open({}, scripted);
    const { body } = await ask('GET', `/api/v1/inbox?verdict=denied,failed&chatId=${chat}&limit=5`);
    expect(asked).to.deep.equal([{ verdicts: ['denied', 'failed'], chatId: chat, limit: 6 }]);
    expect(body.messages[0]).to.include({ chatId: chat, messageId: 'telegram:9', verdict: 'denied' });
    expect(body.messages[0].access).to.deep.equal({ allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' });
    expect((await ask('GET', `/api/v1/inbox/${chat}/9/why`)).body).to.deep.equal({
      chatId: chat,
      messageId: 'telegram:9',
      lines: ['in telegram:501'],
    });
    expect((await ask('GET', `/api/v1/inbox/${chat}/10/why`)).status).to.equal(404);
  });

  it('silences an alert for a span of time, and ends the silence', async () => {
    const scripted = makeScriptedApi();
    scripted.api.silenceAlert = async (target, forMs, reason) =>
      target === 'queue.worker'
        ? { ok: true, value: { target, until: START + forMs, ...(reason === undefined ? {} : { reason }) } }
        : { ok: false, error: { code: 'alert/unknown', message: `no alert has the key ${target}` } };
    scripted.api.endSilence = async (target) => ({ ok: true, value: { target, until: START } });
    const { ask } = await open({}, scripted);
    const silenced = await ask('POST', '/api/v1/alerts/silences', { target: 'queue.worker', for: '2h', reason: 'moving' });
    expect(silenced.body).to.deep.equal({ target: 'queue.worker', until: new Date(START + 7_200_000).toISOString(), reason: 'moving' });
    expect((await ask('POST', '/api/v1/alerts/silences', { target: 'x', for: '2h' })).status).to.equal(409);
    expect((await ask('POST', '/api/v1/alerts/silences', { target: 'queue.worker', for: 'long' })).status).to.equal(400);
    expect((await ask('POST', '/api/v1/alerts/silences/end', { target: 'queue.worker' })).body.target).to.equal('queue.worker');
  });
});
