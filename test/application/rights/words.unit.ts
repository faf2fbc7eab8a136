import { expect } from 'chai';
import { denialWords } from '../../../src/domain/index.ts';
import { buildMessage, makeScriptedModel, START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { PERSONS, type PersonName, policy } from '../../domain/rights/rights-table.ts';
import { makeProcess, makeWorld } from '../support/harness.ts';

const ORCHARD = telegramChat(-1001);
const running = new AbortController().signal;

/** What a command of a person is answered with in the group of Orchard, or in their own conversation. */
const answerTo = async (name: PersonName, text: string, where: 'group' | 'own' = 'group') => {
  const world = makeWorld();
  const process = makeProcess(world, { policy, model: makeScriptedModel([]) });
  const { id } = PERSONS[name];
  const chatId = where === 'group' ? ORCHARD : telegramChat(Number(id.slice('telegram:'.length)));
  const chatKind = where === 'group' ? ('group' as const) : ('direct' as const);
  const messageId = telegramMessage(1);
  await process.receive(buildMessage({ chatId, chatKind, messageId, sender: PERSONS[name], text, addressedTo: 'us', sentAt: START }));
  await process.answerChat(chatId, running);
  const [reply] = await world.storage.stores.outbox.answering(chatId, messageId);
  const { audit } = world.storage.stores;
  await audit.seal(100);
  return {
    text: reply?.text ?? '',
    denied: (await audit.read({ kinds: ['denied'], limit: 10 })).map(({ actor, facts }) => ({ actor, ...facts })),
  };
};

describe('What people are told of their rights', () => {
  it('/whoami tells the role, and where it is set', async () => {
    const roleTold = async (name: PersonName, where?: 'own') => (await answerTo(name, '/whoami', where)).text.split('\n').at(-1);
    expect(await roleTold('owner by roles')).to.equal('Role: owner, set at workspaces.Orchard.roles.502.');
    expect(await roleTold('guest')).to.equal('Role: guest, set at people.telegram:505.role.');
    expect(await roleTold('stranger')).to.equal('Role: member, as workspaces.Orchard.roles does not name you.');
    expect(await roleTold('owner by roles', 'own')).to.equal('Role: member, as people does not name you.');
  });

  it('a denial says why and who can help, and stands in the audit log', async () => {
    const { text, denied } = await answerTo('guest', '/usage');
    expect(text).to.equal(
      'You may not see the usage of this chat: you are a guest here. The owner with the id 502, Anna or whoever runs Kept can help.',
    );
    expect(denied).to.deep.equal([
      {
        actor: 'telegram:505',
        chatId: ORCHARD,
        messageId: telegramMessage(1),
        action: 'see-usage',
        rule: 'guest',
        path: 'people.telegram:505.role',
      },
    ]);
  });

  it('a guest forgets nothing of a team, and everything of their own', async () => {
    for (const command of ['/forget all', '/forget 1', '/forget https://acme.example'])
      expect((await answerTo('guest', command)).text).to.match(/^You may not have anything forgotten here: you are a guest here\./);
    expect((await answerTo('guest', '/forget all', 'own')).text).to.equal('I remember nothing here.');
    expect((await answerTo('stranger', '/forget all')).text).to.equal('I remember nothing here.');
  });

  it('where a place has no owner, whoever runs Kept is named alone', () => {
    const place = { chatId: telegramChat(505), chatKind: 'direct' } as const;
    expect(denialWords(policy, place, { action: 'see-usage', rule: 'guest' })).to.equal(
      'You may not see the usage of this chat: you are a guest here. Whoever runs Kept can help.',
    );
    expect(denialWords(policy, place, { action: 'approve', rule: 'member' }, { person: 'They' })).to.equal(
      'They may not approve here: they are a member here, no owner. Whoever runs Kept can help.',
    );
    expect(denialWords(policy, { chatId: ORCHARD, chatKind: 'group' }, { action: 'cancel-others', rule: 'guest' })).to.equal(
      'You may not cancel what others asked for: you are a guest here. Whoever asked for it can, and any member here. The owner with the id 502, Anna or whoever runs Kept can help.',
    );
    expect(
      denialWords(policy, { chatId: telegramUser(1) as never, chatKind: 'direct' }, { action: 'spend', rule: 'unmapped-group' }),
    ).to.equal('You may not spend here: rule unmapped-group. Whoever runs Kept can help.');
  });
});
