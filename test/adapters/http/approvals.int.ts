import { expect } from 'chai';
import { telegramChat } from '../../../src/testing/index.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: approvals', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('lists approvals newest first, by status and chat, and shows one without its token', async () => {
    const { ask, approval } = await open();
    await approval({ labels: ['web'], call: { input: { text: 'a\u200bb' } }, token: 'very-secret-token' });
    await approval({ call: { chatId: telegramChat(-100_777) }, chatKind: 'group' });
    const ids = async (query = '') => (await ask('GET', `/api/approvals${query}`)).body.approvals.map(({ id }: { id: number }) => id);
    expect(await ids()).to.deep.equal([2, 1]);
    expect([await ids('?limit=1'), await ids('?chatId=telegram:-100777'), await ids('?status=done')]).to.deep.equal([[2], [2], []]);
    const one = await ask('GET', '/api/approvals/1');
    expect(one.body).to.deep.include({
      id: 1,
      status: 'asked',
      tool: 'mcp__tracker__close',
      chatId: 'local:1',
      input: { text: 'a\u200bb' },
      arguments: '{\n  "text": "a\\u200bb"\n}',
      labels: ['web'],
      promiseId: 1,
    });
    for (const time of ['askedAt', 'expiresAt']) expect(new Date(one.body[time]).toISOString()).to.equal(one.body[time]);
    expect(JSON.stringify(one.body)).not.to.include('very-secret-token');
  });

  it('decides as the operator, once', async () => {
    const { ask, approval, approvalStatus } = await open();
    const { id } = await approval();
    expect((await ask('POST', '/api/approvals/1/approve')).body).to.include({ id: 1, status: 'approved', decidedBy: 'operator' });
    expect(approvalStatus(id)).to.equal('approved');
    const again = await ask('POST', '/api/approvals/1/deny');
    expect([again.status, again.body.error.code]).to.deep.equal([409, 'approval/already-decided']);
    expect((await ask('POST', '/api/approvals/9/approve')).status).to.equal(404);
    expect((await ask('GET', '/api/approvals/9')).status).to.equal(404);
    expect((await ask('GET', '/api/approvals?status=maybe')).status).to.equal(400);
    expect((await ask('GET', '/api/approvals/1/approve')).status).to.equal(405);
  });

  it('shows which approval the buttons below a message decide on, and not what they carry', async () => {
    const { ask, approval } = await open();
    await approval({ token: 'very-secret-token' });
    const { messages } = (await ask('GET', '/api/chat/messages')).body;
    expect(messages[0]).to.include({ from: 'agent', approvalId: 1 });
    expect(JSON.stringify(messages)).not.to.include('very-secret-token');
  });
});
