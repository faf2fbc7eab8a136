import { expect } from 'chai';
import { localChatId } from '../../../src/domain/index.ts';
import { localMessage } from '../../../src/testing/index.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: promises', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('lists promises newest first, by status and chat, and shows one', async () => {
    const { ask, promise, run, complete, fail, deliver } = await open();
    promise('write the report', { messageId: localMessage(3) });
    promise('count the beans', { chatId: localChatId(2), priority: 2 });
    promise('wait for both', { dependsOn: [1, 2] as never });
    run(1 as never);
    complete(1 as never, 'It is written.');
    deliver(1 as never);
    run(2 as never);
    fail(2 as never, 'no beans');
    const ids = async (query: string) => (await ask('GET', `/api/promises${query}`)).body.promises.map(({ id }: { id: number }) => id);
    expect(await ids('')).to.deep.equal([3, 2, 1]);
    expect(await ids('?limit=1')).to.deep.equal([3]);
    expect(await ids('?status=completed')).to.deep.equal([1]);
    expect(await ids('?status=completed,failed')).to.deep.equal([2, 1]);
    expect(await ids('?status=waiting&status=failed')).to.deep.equal([3, 2]);
    expect(await ids('?chatId=2')).to.deep.equal([2]);
    expect(await ids('?chatId=local:2')).to.deep.equal([2]);
    expect(await ids('?chatId=telegram:-100123')).to.deep.equal([]);
    const done = (await ask('GET', '/api/promises/1')).body;
    expect(done).to.deep.include({
      id: 1,
      chatId: 'local:1',
      messageId: 'local:3',
      status: 'completed',
      taskDescription: 'write the report',
      taskType: 'analysis',
      resultSummary: 'It is written.',
      priority: 5,
      attempts: 1,
      dependsOn: [],
    });
    for (const time of ['createdAt', 'completedAt', 'deliveredAt']) expect(new Date(done[time]).toISOString()).to.equal(done[time]);
    expect((await ask('GET', '/api/promises/2')).body).to.include({ status: 'failed', errorMessage: 'no beans' });
    expect((await ask('GET', '/api/promises/3')).body).to.deep.include({ status: 'waiting', dependsOn: [1, 2] });
  });

  it('lists schedules newest first, by chat, ended ones on request, and ends one', async () => {
    const { ask, schedule } = await open();
    schedule('count the beans', { cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin' });
    schedule('elsewhere', { chatId: localChatId(2) });
    const ids = async (query = '') => (await ask('GET', `/api/schedules${query}`)).body.schedules.map(({ id }: { id: number }) => id);
    expect(await ids()).to.deep.equal([2, 1]);
    expect([await ids('?limit=1'), await ids('?chatId=local:2'), await ids('?chatId=telegram:-100123')]).to.deep.equal([[2], [2], []]);
    const [, first] = (await ask('GET', '/api/schedules')).body.schedules;
    expect(first).to.include({ id: 1, chatId: 'local:1', status: 'active', cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin' });
    expect(new Date(first.nextAt).toISOString()).to.equal(first.nextAt);
    expect((await ask('POST', '/api/schedules/1/cancel')).body).to.include({ id: 1, status: 'ended' });
    expect((await ask('POST', '/api/schedules/1/cancel')).body.error.code).to.equal('schedule/already-ended');
    expect((await ask('POST', '/api/schedules/9/cancel')).status).to.equal(404);
    expect([await ids(), await ids('?all=true')]).to.deep.equal([[2], [2, 1]]);
    for (const query of ['?all=maybe', '?limit=0', '?chatId=home', '?chatId=-100123'])
      expect((await ask('GET', `/api/schedules${query}`)).status).to.equal(400);
  });

  it('cancels and retries promises, with and without a JSON body, and refuses an impossible change with 409', async () => {
    const { ask, promise, statusOf } = await open();
    const { id } = promise('sleep');
    expect((await ask('POST', `/api/promises/${id}/cancel`, '')).body).to.include({
      status: 'cancelled',
      errorMessage: 'cancelled by the operator',
    });
    const again = await ask('POST', `/api/promises/${id}/cancel`);
    expect(again).to.deep.include({ status: 409 });
    expect(again.body.error).to.deep.include({ code: 'promise/already-settled' });
    expect(again.body.error.message).to.match(/already ended/);
    expect((await ask('POST', `/api/promises/${id}/retry`, {})).body).to.include({ id, status: 'pending' });
    expect((await ask('POST', `/api/promises/${id}/retry`)).body.error.code).to.equal('promise/not-settled');
    expect(statusOf(id)).to.equal('pending');
  });

  it('refuses with 409 to retry a promise that may still run, and says when it will be possible', async () => {
    const { ask, promise, run } = await open();
    const { id } = promise('sleep');
    run(id);
    await ask('POST', `/api/promises/${id}/cancel`);
    const refused = await ask('POST', `/api/promises/${id}/retry`);
    expect(refused.status).to.equal(409);
    expect(refused.body.error.code).to.equal('promise/lease-held');
    const [, words] = /^the last run of promise #1 may not have ended yet; try again in (\d+) s$/.exec(refused.body.error.message) ?? [];
    expect(words).to.equal(refused.headers.get('retry-after'));
    expect(Number(words)).to.be.within(50, 60);
  });

  for (const [method, path, status] of [
    ['GET', '/api/promises/99', 404],
    ['POST', '/api/promises/99/cancel', 404],
    ['POST', '/api/promises/99/retry', 404],
    ['GET', '/api/promises/abc', 400],
    ['GET', '/api/promises/0', 400],
    ['POST', '/api/promises/-1/cancel', 400],
    ['GET', '/api/promises?status=done', 400],
    ['GET', '/api/promises?limit=0', 400],
  ] as const)
    it(`answers ${method} ${path} with ${status}`, async () => {
      const { ask } = await open();
      const refused = await ask(method, path);
      expect(refused.status).to.equal(status);
      expect(refused.body.error.message).to.be.a('string');
    });

  it('accepts several statuses, with commas or repeated, and names the known ones once in a refusal', async () => {
    const { ask, promise } = await open();
    promise('one');
    for (const query of ['status=pending,failed', 'status=failed&status=pending', 'status=failed,pending&status=waiting'])
      expect((await ask('GET', `/api/promises?${query}`)).body.promises, query).to.have.length(1);
    const statuses = 'status: must be among waiting, pending, in_progress, completed, failed, cancelled';
    for (const query of ['status=done', 'status=done,gone', 'status=done&status=pending', 'status='])
      expect((await ask('GET', `/api/promises?${query}`)).body.error.message, query).to.equal(statuses);
    expect((await ask('GET', '/api/promises?chatId=1&chatId=2')).body.error.message).to.equal('chatId: is given more than once');
  });
});
