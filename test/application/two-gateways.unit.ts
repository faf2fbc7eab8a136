import { expect } from 'chai';
import type { RunAgent } from '../../src/application/agents/run-agent.ts';
import { makeBot } from '../../src/application/index.ts';
import { type ChatId, chatIdOf, type IncomingMessage, messageIdOf, NO_USAGE, userIdOf } from '../../src/domain/index.ts';
import { buildMessage, buildPolicy, buildWorkspace, makeRecordingGateway, type RecordingGateway } from '../../src/testing/index.ts';
import { advance, makeWorld, redact } from './support/harness.ts';

const NAMES = ['telegram', 'matrix'] as const;
type Name = (typeof NAMES)[number];

const directChat = (gateway: Name): ChatId => chatIdOf(gateway, 501);
const groupOf = (gateway: Name): ChatId => chatIdOf(gateway, -7);

/** The same numbers whatever the gateway: message `n` of person 501. */
const said = (gateway: Name, n: number, text: string, chat: ChatId = directChat(gateway)): IncomingMessage =>
  buildMessage({
    chat: { id: chat, kind: chat === directChat(gateway) ? 'direct' : 'group' },
    messageId: messageIdOf(gateway, n),
    sender: { id: userIdOf(gateway, 501), username: 'ada', kind: 'person' },
    text,
    addressedTo: 'us',
  });

/** A bot over two gateways whose chats, people and messages have equal numbers; of one, person 501 is let in. */
const stage = (allowed: readonly Name[] = NAMES) => {
  const world = makeWorld();
  const gateways: Record<Name, RecordingGateway> = {
    telegram: makeRecordingGateway({ name: 'telegram' }),
    matrix: makeRecordingGateway({ name: 'matrix' }),
  };
  const asked: string[] = [];
  const runAgent: RunAgent = async (_, { conversation, context }) => {
    const words = conversation.flatMap((step) => (step.role === 'person' && step.text.startsWith('from ') ? [step.text] : []));
    asked.push(`${context.chatId}: ${words.join(', ')}`);
    const text = `You said: ${words.at(-1)}`;
    return { text, steps: [{ role: 'agent', text, toolCalls: [] }], usage: NO_USAGE, toolCalls: 0, journal: [], model: 'm' };
  };
  const entry = { description: 'Ada', directory: '/srv/ada', path: 'dm_whitelist' };
  const policy = buildPolicy({
    workspaces: [buildWorkspace({ chatIds: allowed.map(groupOf) })],
    whitelist: { userIds: new Map(allowed.map((name) => [userIdOf(name, 501), entry])), usernames: new Map(), defaultDirectory: '/srv' },
  });
  const { bot } = makeBot({
    storage: world.storage,
    changes: world.changes,
    clock: world.clock,
    randomness: world.randomness,
    policy,
    redact,
    runAgent,
    gateways: Object.values(gateways),
  });
  const textsOf = (name: Name) => gateways[name].sent.map(({ chatId, text }) => `${chatId}: ${text}`);
  return { world, gateways, bot, asked, textsOf };
};

describe('a bot over two gateways with equal native ids', () => {
  it('answers each message through the gateway that brought it, from the conversation of that chat', async () => {
    const { world, gateways, bot, asked, textsOf } = stage();
    await bot.start();
    for (const name of NAMES) await gateways[name].deliver(said(name, 1, `from ${name}`));
    await advance(world, 10_000);
    for (const name of NAMES) await gateways[name].deliver(said(name, 2, `from ${name} again`));
    await advance(world, 10_000);
    for (const name of NAMES)
      expect(textsOf(name)).to.deep.equal([`${name}:501: You said: from ${name}`, `${name}:501: You said: from ${name} again`]);
    expect(asked.toSorted()).to.deep.equal([
      'matrix:501: from matrix',
      'matrix:501: from matrix, from matrix again',
      'telegram:501: from telegram',
      'telegram:501: from telegram, from telegram again',
    ]);
    await bot.stop(0);
  });

  it('takes no message of one for a duplicate of the other, and each for a duplicate of itself', async () => {
    const { world, gateways, bot, textsOf } = stage();
    await bot.start();
    for (let times = 0; times < 2; times++)
      for (const name of NAMES) await gateways[name].deliver(said(name, 1, `from ${name}`, groupOf(name)));
    await advance(world, 10_000);
    for (const name of NAMES) expect(textsOf(name)).to.deep.equal([`${name}:-7: You said: from ${name}`]);
    expect(await world.storage.stores.messages.stats()).to.include({ answered: 2, open: 0 });
    await bot.stop(0);
  });

  for (const allowed of NAMES)
    it(`lets in, where person 501 and group -7 of ${allowed} are listed, nobody of the other gateway`, async () => {
      const { world, gateways, bot, textsOf } = stage([allowed]);
      await bot.start();
      for (const name of NAMES)
        for (const [n, chat] of [directChat(name), groupOf(name)].entries())
          await gateways[name].deliver(said(name, n + 1, `from ${name}`, chat));
      await advance(world, 10_000);
      for (const name of NAMES) expect(textsOf(name)).to.have.length(name === allowed ? 2 : 0);
      expect(await world.storage.stores.messages.stats()).to.include({ answered: 2, denied: 2 });
      await bot.stop(0);
    });

  it('forgets a deleted message of one alone', async () => {
    const { world, gateways, bot } = stage();
    await bot.start();
    for (const name of NAMES) await gateways[name].deliver(said(name, 1, `from ${name}`));
    await advance(world, 10_000);
    await gateways.telegram.erase({ chat: (chat) => chat.startsWith('telegram:'), messageIds: [messageIdOf('telegram', 1)] });
    const textOf = async (name: Name) => (await world.storage.stores.messages.get(directChat(name), messageIdOf(name, 1)))?.message.text;
    expect([await textOf('telegram'), await textOf('matrix')]).to.deep.equal(['', 'from matrix']);
    await bot.stop(0);
  });

  it('acknowledges, types and shows drafts where the message came from', async () => {
    const { world, gateways, bot } = stage();
    await bot.start();
    await gateways.matrix.deliver(said('matrix', 1, 'from matrix'));
    await advance(world, 10_000);
    expect(gateways.matrix.acknowledged).to.deep.equal([{ chatId: directChat('matrix'), messageId: messageIdOf('matrix', 1) }]);
    expect(gateways.matrix.typing).to.include(directChat('matrix'));
    expect([gateways.telegram.acknowledged, gateways.telegram.typing, gateways.telegram.sent]).to.deep.equal([[], [], []]);
    await bot.stop(0);
  });
});
