import { expect } from 'chai';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: usage', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('has the shape of the command line, and refuses what it does not know', async () => {
    const { ask } = await open();
    const { status, body } = await ask('GET', '/api/usage?by=agent&since=2026-11-01&chatId=telegram:501&limit=3');
    expect(status).to.equal(200);
    expect(body.rows).to.be.an('array');
    expect(body.total).to.include.keys('inputTokens', 'outputTokens', 'costUsd', 'reservedUsd');
    const wrong = await ask('GET', '/api/usage?by=month');
    expect([wrong.status, wrong.body.error.message]).to.deep.equal([400, 'by: must be among workspace, person, agent, tool, day']);
    expect((await ask('POST', '/api/usage', {})).status).to.equal(405);
  });
});
