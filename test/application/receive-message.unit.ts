import { expect } from 'chai';
import { AGENT_ID, chatId, messageId, SELF_PING_CHAT, userId } from '../../src/domain/index.ts';
import { buildMessage, GROUP } from '../../src/testing/index.ts';
import { makeProcess, makeWorld, SECRET } from './stage.ts';

const stranger = { id: userId(666), username: 'mallory', kind: 'person' } as const;

describe('receiving a message', () => {
  it('invariant 1: the same message, 50 times in parallel, becomes one record, and each hears of that one', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    const records = await Promise.all(Array.from({ length: 50 }, () => receive(buildMessage())));
    expect(await world.storage.stores.messages.stats()).to.include({ open: 1, answered: 0 });
    for (const record of records) expect(record).to.deep.equal(records[0]);
  });

  it('rule 2: a repeat of a message that has a verdict changes nothing', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    const first = await receive(buildMessage({ chatId: GROUP, chatKind: 'group' }));
    const again = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', text: 'edited', addressedTo: 'us' }));
    expect(again).to.deep.equal(first);
    expect(await world.storage.stores.conversations.recent(GROUP, 10)).to.have.length(1);
  });

  it('rule 2: messages of one number in different chats are different messages', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    await receive(buildMessage());
    await receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' }));
    expect(await world.storage.stores.messages.stats()).to.include({ open: 2 });
  });

  it('invariants 4 and 5: a denied message is stored with rule and path, without its text, and logged', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    await receive(buildMessage({ chatId: chatId(666), sender: stranger, text: 'let me in' }));
    const record = await world.storage.stores.messages.get(chatId(666), messageId(1));
    expect(record?.access).to.deep.equal({ allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' });
    expect(record?.verdict).to.deep.equal({ kind: 'denied' });
    expect(record?.message.text).to.equal('');
    expect(record).not.to.have.property('response');
    expect(logger.lines).to.have.length(1);
    expect(logger.lines[0]).to.deep.include({ level: 'warn', message: 'message denied' });
    expect(logger.lines[0]?.fields).to.include({ rule: 'not-whitelisted', path: 'dm_whitelist', senderId: 666 });
    expect(JSON.stringify(logger.lines)).not.to.include('let me in');
    expect(await world.storage.stores.conversations.recent(chatId(666), 10)).to.deep.equal([]);
  });

  it('rule 5: what is allowed and not answered is remembered as context, under the name of its sender', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    const { verdict } = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', text: 'it rains' }));
    expect(verdict).to.deep.equal({ kind: 'remembered' });
    const [entry] = await world.storage.stores.conversations.recent(GROUP, 10);
    expect(entry?.step).to.deep.equal({ role: 'person', name: 'Ada', text: 'it rains', messageId: 1 });
  });

  it('rule 1: another bot is remembered, even where a person would be answered', async () => {
    const { receive } = makeProcess(makeWorld());
    const sender = { id: userId(7), username: 'ci_bot', kind: 'bot' } as const;
    const record = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', sender, addressedTo: 'us' }));
    expect(record.response).to.deep.equal({ action: 'remember', rule: 'other-bot' });
    expect(record.verdict).to.deep.equal({ kind: 'remembered' });
  });

  it('an empty message is ignored, and is no part of the conversation', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    expect((await receive(buildMessage({ text: ' \n ' }))).verdict).to.deep.equal({ kind: 'ignored' });
    expect(await world.storage.stores.conversations.recent(chatId(501), 10)).to.deep.equal([]);
  });

  it('rule 1: an own message is dropped unless it is the outstanding self-ping', async () => {
    const sender = { id: AGENT_ID, kind: 'self' } as const;
    const ping = { chatId: SELF_PING_CHAT, sender, text: 'ping n1' };
    const { receive } = makeProcess(makeWorld(), { isOutstandingPing: ({ text }) => text === 'ping n1' });
    const own = await receive(buildMessage({ ...ping, messageId: messageId(1), text: 'ping n0' }));
    expect(own.access.rule).to.equal('own-message');
    expect(own.verdict).to.deep.equal({ kind: 'denied' });
    const outstanding = await receive(buildMessage({ ...ping, messageId: messageId(2) }));
    expect(outstanding.access.rule).to.equal('self-ping');
    expect(outstanding).not.to.have.property('verdict');
  });

  it('invariant 4: a secret in the text is gone before anything is stored', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    const answered = await receive(buildMessage({ text: `the password is ${SECRET}!` }));
    const remembered = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', text: SECRET }));
    expect(answered.message.text).to.equal('the password is [redacted]!');
    expect(remembered.message.text).to.equal('[redacted]');
    const stored = await world.storage.stores.conversations.recent(GROUP, 10);
    expect(JSON.stringify([stored, logger.lines])).not.to.include(SECRET);
  });

  it('invariant 1: when it can not be stored, the gateway hears of it, and nothing is left', async () => {
    const world = makeWorld();
    const broken = makeProcess(world, {
      onUnitCall: (call) => {
        if (call === 'conversations.append') throw new Error('disk full');
      },
    });
    const message = buildMessage({ chatId: GROUP, chatKind: 'group' });
    const failure = await broken.receive(message).catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'disk full');
    expect(await world.storage.stores.messages.get(GROUP, messageId(1))).to.equal(undefined);
    expect((await makeProcess(world).receive(message)).verdict).to.deep.equal({ kind: 'remembered' });
  });
});
