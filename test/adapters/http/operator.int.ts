import { expect } from 'chai';
import { operatorRoutes } from '../../../src/adapters/http/routes/operator.ts';
import { chatId, makePairing, ok, rightsIn, turnId, userId } from '../../../src/domain/index.ts';
import { approvePairing, revokePairing } from '../../../src/domain/pairing/pairing.ts';
import { refuse } from '../../../src/domain/shared/result.ts';
import { buildPolicy, START } from '../../../src/testing/index.ts';
import { makeDeskApi } from '../../support/desk-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: chats, conversations, people and access', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('lists chats and reads a conversation in pages', async () => {
    const { scripted, came, said } = makeDeskApi();
    const { ask } = await open({}, scripted);
    await came('telegram:-100777', 1, { at: START, title: 'Beans', verdict: { kind: 'answered', turnId: turnId('t1') } });
    await said('telegram:-100777', 'Hi', START + 1);
    expect((await ask('GET', '/api/v1/chats?text=beans')).body).to.deep.equal({
      chats: [
        {
          chatId: 'telegram:-100777',
          kind: 'group',
          title: 'Beans',
          lastAt: new Date(START + 1).toISOString(),
          lastText: 'Hello',
          lastVerdict: 'answered',
          openPromises: 0,
        },
      ],
      total: 1,
      isCut: false,
    });
    const page = await ask('GET', '/api/v1/chats/telegram:-100777/messages?limit=1');
    expect(page.body.entries).to.have.length(1);
    expect(page.body.entries[0]).to.include({ from: 'agent', text: 'Hi', status: 'pending' });
    const before = await ask('GET', `/api/v1/chats/telegram:-100777/messages?limit=1&cursor=${page.body.next}`);
    expect(before.body.entries[0]).to.include({ from: 'chat', text: 'Hello', messageId: 'telegram:1', verdict: 'answered' });
  });

  it('lists promises by words, agent and page, and tells all of one', async () => {
    const { scripted, made } = makeDeskApi();
    const { ask } = await open({}, scripted);
    for (const words of ['count beans', 'count peas', 'more beans']) await made(words);
    const { body } = await ask('GET', '/api/v1/promises?text=BEANS&limit=1');
    expect(body.promises.map(({ id }: { id: number }) => id)).to.deep.equal([3]);
    const rest = await ask('GET', `/api/v1/promises?text=BEANS&limit=2&cursor=${body.next}`);
    expect([rest.body.promises.map(({ id }: { id: number }) => id), rest.body.next]).to.deep.equal([[1], undefined]);
    const { body: told } = await ask('GET', '/api/v1/promises/2/detail');
    expect(told.promise.taskDescription).to.equal('count peas');
    expect(told.cost).to.deep.equal({ costUsd: 0, calls: 0, unpricedCalls: 0, inputTokens: 0, outputTokens: 0 });
    expect((await ask('GET', '/api/v1/promises/99/detail')).status).to.equal(404);
  });

  it('documents what a second yes or no to the same person is refused with', async () => {
    const asked = makePairing({ id: userId('telegram:501'), kind: 'person' }, chatId('telegram:501'), { code: 'K7QF2MXD', at: START });
    const by = { at: START, by: 'operator' } as const;
    for (const [id, decide] of [
      ['approvePairing', approvePairing],
      ['revokePairing', revokePairing],
    ] as const) {
      const once = decide(asked, by);
      const twice = once.ok && decide(once.value, by);
      const refusals = operatorRoutes.find((route) => route.id === id)?.refusals?.[409];
      expect(refusals).to.include(twice && !twice.ok ? twice.error.code : 'no refusal');
    }
  });

  it('tells who may do what, and decides on pairings', async () => {
    const { scripted } = makeDeskApi();
    const { api } = scripted;
    const ada = userId('telegram:501');
    const rights = rightsIn(buildPolicy(), 'operator');
    const decided: string[] = [];
    const pairing = makePairing({ id: ada, kind: 'person' }, chatId('telegram:501'), { code: 'K7QF2MXD', at: START });
    api.listPeople = async () => ({ people: [{ subject: ada, id: ada, name: 'Ada', path: 'people' }], workspaces: [] });
    api.tellAccess = async (subject) =>
      subject === ada
        ? ok({ subject, allowed: true, rule: 'operator', path: 'people', places: [{ ...rights, of: 'Garden' }] })
        : refuse('access/unknown', 'nobody is called that');
    api.listPairings = async () => [pairing];
    api.approvePairing = async (code) => {
      decided.push(code);
      return ok({ ...pairing, status: 'paired' });
    };
    api.revokePairing = async (person) => refuse('pairing/not-found', `${person} was never here`);
    const { ask } = await open({}, scripted);
    expect((await ask('GET', '/api/v1/people')).body.people).to.have.length(1);
    const { body } = await ask('GET', `/api/v1/access?subject=${ada}`);
    expect(body.places[0].rights[0]).to.include({ right: 'ask', words: 'ask', allowed: true, needsApproval: false });
    expect((await ask('GET', '/api/v1/access?subject=eve')).status).to.equal(409);
    expect((await ask('GET', '/api/v1/pairings')).body.pairings[0].status).to.equal('asked');
    expect((await ask('POST', '/api/v1/pairings/K7QF2MXD/approve', {})).body.status).to.equal('paired');
    expect(decided).to.deep.equal(['K7QF2MXD']);
    expect((await ask('POST', `/api/v1/pairings/${ada}/revoke`, {})).status).to.equal(404);
  });

  it('says what the host of a library does not offer', async () => {
    const { ask } = await open();
    for (const path of ['/chats', '/people', '/pairings', '/access?subject=x', '/promises/1/detail', '/chats/local:1/messages']) {
      const { status, body } = await ask('GET', `/api/v1${path}`);
      expect([status, body.error.code], path).to.deep.equal([404, 'desk/not-offered']);
    }
  });
});
