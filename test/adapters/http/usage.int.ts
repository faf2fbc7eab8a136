import { expect } from 'chai';
import { moneyOf } from '../../../src/domain/index.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: usage', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('has the shape of the command line, and refuses what it does not know', async () => {
    const { ask, api } = await open();
    const asked: unknown[] = [];
    const tokens = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2 };
    const used = { ...tokens, cost: moneyOf(2_500_000), calls: 2, unpriced: 1 };
    api.reportUsage = async (query) => {
      asked.push(query);
      return { total: used, reserved: moneyOf(500_000), by: 'agent', rows: [{ key: 'valor_agent', ...used }] };
    };
    const { status, body } = await ask('GET', '/api/usage?by=agent&since=2026-11-01&chatId=telegram:501&limit=3');
    expect(status).to.equal(200);
    const told = { ...tokens, costUsd: 2.5, calls: 2, unpricedCalls: 1 };
    expect(body).to.deep.equal({ total: { ...told, reservedUsd: 0.5 }, rows: [{ agent: 'valor_agent', ...told }] });
    expect(asked).to.deep.equal([{ by: 'agent', since: Date.UTC(2026, 10, 1), chatId: 'telegram:501', limit: 3 }]);
    const wrong = await ask('GET', '/api/usage?by=month');
    expect([wrong.status, wrong.body.error.message]).to.deep.equal([400, 'by: must be among workspace, person, agent, tool, day']);
    expect((await ask('POST', '/api/usage', {})).status).to.equal(405);
  });

  it('is said not to be offered, where the host keeps no ledger', async () => {
    const { ask, api } = await open();
    delete api.reportUsage;
    const { status, body } = await ask('GET', '/api/usage');
    expect(status).to.equal(404);
    expect(body.error).to.include({ code: 'usage/not-offered', message: 'usage is not offered here' });
    expect(body.error.hint).to.equal('the host of this server gives it no `reportUsage`');
  });
});
