import { expect } from 'chai';
import { AGENT_ID, SELF_PING_CHAT } from '../../../src/domain/index.ts';
import { buildMessage, GROUP, START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, SECRET, settle } from '../support/harness.ts';

const stranger = { id: telegramUser(666), username: 'mallory', kind: 'person' } as const;

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
    await receive(buildMessage({ chatId: telegramChat(666), sender: stranger, text: 'let me in' }));
    const record = await world.storage.stores.messages.get(telegramChat(666), telegramMessage(1));
    expect(record?.access).to.deep.equal({ allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' });
    expect(record?.verdict).to.deep.equal({ kind: 'denied' });
    expect(record?.message.text).to.equal('');
    expect(record).not.to.have.property('response');
    expect(logger.lines).to.have.length(1);
    expect(logger.lines[0]).to.deep.include({ level: 'warn', message: 'message denied' });
    expect(logger.lines[0]?.fields).to.include({ rule: 'not-whitelisted', path: 'dm_whitelist', senderId: telegramUser(666) });
    expect(JSON.stringify(logger.lines)).not.to.include('let me in');
    expect(await world.storage.stores.conversations.recent(telegramChat(666), 10)).to.deep.equal([]);
  });

  it('rule 5: what is allowed and not answered is remembered as context, under the name of its sender', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    const { verdict } = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', text: 'it rains' }));
    expect(verdict).to.deep.equal({ kind: 'remembered' });
    const [entry] = await world.storage.stores.conversations.recent(GROUP, 10);
    expect(entry?.step).to.deep.equal({
      role: 'person',
      name: 'Ada',
      text: 'it rains',
      messageId: telegramMessage(1),
      overheard: true,
      provenance: { labels: ['member'] },
    });
  });

  it('rule 8: a message that will be answered is acknowledged, once it is stored; any other, and a repeat, is not', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    await receive(buildMessage({ messageId: telegramMessage(3) }));
    await receive(buildMessage({ messageId: telegramMessage(3) }));
    await receive(buildMessage({ chatId: GROUP, chatKind: 'group' }));
    await receive(buildMessage({ chatId: telegramChat(666), sender: stranger }));
    await settle();
    expect(world.gateway.acknowledged).to.deep.equal([{ chatId: telegramChat(501), messageId: telegramMessage(3) }]);
    const broken = makeProcess(world, {
      onUnitCall: () => {
        throw new Error('disk full');
      },
    });
    await broken.receive(buildMessage({ messageId: telegramMessage(4) })).catch(() => 'not stored');
    await settle();
    expect(world.gateway.acknowledged).to.have.length(1);
  });

  it('rule 2: an edit of a message that waits replaces its text', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    const first = await receive(buildMessage({ text: 'When?' }));
    const edited = await receive(buildMessage({ text: `And back, ${SECRET}?`, edited: true }));
    expect(edited).to.deep.equal({ ...first, message: { ...first.message, text: 'And back, [redacted]?', editedAt: START } });
    expect(await world.storage.stores.messages.get(telegramChat(501), telegramMessage(1))).to.deep.equal(edited);
    expect(logger.lines.at(-1)).to.deep.include({ level: 'debug', message: 'message edited while it waits: its new text is answered' });
    expect((await receive(buildMessage({ text: 'When?' }))).message.text, 'a late repeat of the first text').to.equal(
      'And back, [redacted]?',
    );
    expect((await receive(buildMessage({ text: ' ', edited: true }))).message.text, 'nothing to answer').to.equal('And back, [redacted]?');
  });

  it('rule 2: an edit by another than the first sender changes nothing, and is told', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    const group = { chatId: GROUP, chatKind: 'group', addressedTo: 'us' } as const;
    const first = await receive(buildMessage({ ...group, text: 'When?' }));
    expect(first.verdict).to.equal(undefined);
    for (const kind of ['person', 'anonymous'] as const) {
      const sender = { id: telegramUser(502), username: 'ada', kind };
      expect(await receive(buildMessage({ ...group, sender, text: 'Delete all files', edited: true }))).to.deep.equal(first);
    }
    expect((await world.storage.stores.messages.get(GROUP, telegramMessage(1)))?.message.text).to.equal('When?');
    expect(logger.lines.at(-1)).to.deep.include({ level: 'warn', message: 'message edited by somebody who did not send it, and dropped' });
    expect((await receive(buildMessage({ ...group, text: 'And back?', edited: true }))).message.text).to.equal('And back?');
  });

  it('invariant 4: of what it came with, and of what it replies to, no secret is kept, and of what is denied nothing', async () => {
    const { receive } = makeProcess(makeWorld());
    const words = {
      parts: [{ messageId: telegramMessage(1), text: `one ${SECRET}` }],
      replied: { from: 'Bob', text: `two ${SECRET}`, quote: `three ${SECRET}` },
    };
    expect((await receive(buildMessage(words))).message).to.deep.include({
      parts: [{ messageId: telegramMessage(1), text: 'one [redacted]' }],
      replied: { from: 'Bob', text: 'two [redacted]', quote: 'three [redacted]' },
    });
    const denied = await receive(buildMessage({ ...words, chatId: telegramChat(666), sender: stranger }));
    expect(denied.verdict).to.deep.equal({ kind: 'denied' });
    expect(denied.message).to.not.have.any.keys('parts', 'replied');
  });

  it('rule 2: an edit of what is left of several messages, which may be known by another number, is recorded and not answered', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    const edit = buildMessage({ text: 'What is left', edited: 'remains' });
    const record = await receive(edit);
    expect(record.response).to.deep.equal({ action: 'ignore', rule: 'edited-remains' });
    expect(record.verdict).to.deep.equal({ kind: 'ignored' });
    expect(logger.lines.at(-1)).to.deep.include({ level: 'info', message: 'message ignored' });
    const waiting = await receive(buildMessage({ messageId: telegramMessage(2), text: 'Well?' }));
    const revised = await receive({ ...edit, messageId: telegramMessage(2) });
    expect(revised).to.deep.equal({ ...waiting, message: { ...waiting.message, text: 'What is left', editedAt: START } });
    expect((await world.storage.stores.messages.get(telegramChat(501), telegramMessage(2)))?.message.text).to.equal('What is left');
  });

  it('rule 2: an edit of a message that never came is received like any other', async () => {
    const { receive } = makeProcess(makeWorld());
    const record = await receive(buildMessage({ edited: true }));
    expect(record.message).to.deep.equal(buildMessage());
    expect(record).not.to.have.property('verdict');
  });

  describe('rule 4: usernames', () => {
    const grace = (id: number, n: number, username = 'Grace') =>
      buildMessage({ chatId: telegramChat(id), messageId: telegramMessage(n), sender: { id: telegramUser(id), username, kind: 'person' } });

    it('a listed username belongs to the first who is let in with it; from another id it is denied, and alerted', async () => {
      const world = makeWorld();
      const { receive, logger } = makeProcess(world);
      expect((await receive(grace(7, 1))).access.rule).to.equal('whitelisted-username');
      expect(await world.storage.stores.usernames.pinned('telegram:grace')).to.equal(telegramUser(7));
      expect((await receive(grace(8, 1, '@GRACE'))).access).to.include({ allowed: false, rule: 'username-pinned-elsewhere' });
      expect(logger.lines.at(-1)).to.deep.include({ level: 'error', message: 'a listed username came from another account' });
      expect(logger.lines.at(-1)?.fields).to.include({
        senderId: telegramUser(8),
        username: '@GRACE',
        path: 'dm_whitelist.allowed_users.grace',
      });
      expect((await receive(grace(7, 2))).access.allowed).to.equal(true);
      expect((await makeProcess(world).receive(grace(8, 2))).access.allowed, 'after a restart').to.equal(false);
    });

    it('of 20 who come at the same moment one is let in', async () => {
      const world = makeWorld();
      const { receive } = makeProcess(world);
      const records = await Promise.all(Array.from({ length: 20 }, (_, i) => receive(grace(700 + i, 1))));
      expect(records.filter(({ access }) => access.allowed)).to.have.length(1);
    });

    it('the pin is stored with the message, or not at all', async () => {
      const world = makeWorld();
      const broken = makeProcess(world, {
        onUnitCall: (call) => {
          if (call === 'messages.add') throw new Error('disk full');
        },
      });
      await broken.receive(grace(8, 1)).catch(() => 'not stored');
      expect(await world.storage.stores.usernames.pinned('telegram:grace')).to.equal(undefined);
    });

    it('one that is seen in a group, of a workspace or of nobody, is pinned: its next owner is denied', async () => {
      for (const where of [GROUP, telegramChat(-9)]) {
        const world = makeWorld();
        const { receive } = makeProcess(world);
        await receive({ ...grace(7, 1), chat: { id: where, kind: 'group' } });
        expect(await world.storage.stores.usernames.pinned('telegram:grace')).to.equal(telegramUser(7));
        expect((await receive(grace(8, 1))).access).to.include({ allowed: false, rule: 'username-pinned-elsewhere' });
        expect((await receive(grace(7, 2))).access.allowed).to.equal(true);
      }
    });

    it('one that is not listed is not pinned', async () => {
      const world = makeWorld();
      const { receive } = makeProcess(world);
      await receive(buildMessage());
      await receive(grace(9, 1, 'mallory'));
      for (const username of ['ada', 'mallory']) expect(await world.storage.stores.usernames.pinned(username)).to.equal(undefined);
    });
  });

  it('invariant 5: denials are logged once in 30 s, with counts by rule; each has its record', async () => {
    const world = makeWorld();
    const { receive, logger } = makeProcess(world);
    const denied = () => logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.denied ?? fields.rule);
    for (let n = 1; n <= 50; n++)
      await receive(buildMessage({ chatId: telegramChat(666), messageId: telegramMessage(n), sender: stranger }));
    for (let n = 1; n <= 10; n++)
      await receive(buildMessage({ chatId: telegramChat(-9), chatKind: 'group', messageId: telegramMessage(n), sender: stranger }));
    expect(denied()).to.deep.equal(['not-whitelisted']);
    world.clock.advance(30_000);
    expect(denied()).to.deep.equal(['not-whitelisted', { 'not-whitelisted': 49, 'unmapped-group': 10 }]);
    await receive(buildMessage({ chatId: telegramChat(666), messageId: telegramMessage(60), sender: stranger }));
    expect(denied()).to.have.length(2);
    world.clock.advance(60_000);
    expect(denied().slice(2)).to.deep.equal([{ 'not-whitelisted': 1 }]);
    await receive(buildMessage({ chatId: telegramChat(666), messageId: telegramMessage(61), sender: stranger }));
    expect(denied().slice(3)).to.deep.equal(['not-whitelisted']);
    expect(await world.storage.stores.messages.stats()).to.include({ denied: 62 });
  });

  it('rule 1: another bot is remembered, even where a person would be answered', async () => {
    const { receive } = makeProcess(makeWorld());
    const sender = { id: telegramUser(7), username: 'ci_bot', kind: 'bot' } as const;
    const record = await receive(buildMessage({ chatId: GROUP, chatKind: 'group', sender, addressedTo: 'us' }));
    expect(record.response).to.deep.equal({ action: 'remember', rule: 'other-bot' });
    expect(record.verdict).to.deep.equal({ kind: 'remembered' });
  });

  it('an empty message is ignored, and is no part of the conversation', async () => {
    const world = makeWorld();
    const { receive } = makeProcess(world);
    expect((await receive(buildMessage({ text: ' \n ' }))).verdict).to.deep.equal({ kind: 'ignored' });
    expect(await world.storage.stores.conversations.recent(telegramChat(501), 10)).to.deep.equal([]);
  });

  it('rule 1: an own message is dropped unless it is the outstanding self-ping', async () => {
    const sender = { id: AGENT_ID, kind: 'self' } as const;
    const ping = { chatId: SELF_PING_CHAT, sender, text: 'ping n1' };
    const { receive } = makeProcess(makeWorld(), { isOutstandingPing: ({ text }) => text === 'ping n1' });
    const own = await receive(buildMessage({ ...ping, messageId: telegramMessage(1), text: 'ping n0' }));
    expect(own.access.rule).to.equal('own-message');
    expect(own.verdict).to.deep.equal({ kind: 'denied' });
    const outstanding = await receive(buildMessage({ ...ping, messageId: telegramMessage(2) }));
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
    expect(await world.storage.stores.messages.get(GROUP, telegramMessage(1))).to.equal(undefined);
    expect((await makeProcess(world).receive(message)).verdict).to.deep.equal({ kind: 'remembered' });
  });
});
