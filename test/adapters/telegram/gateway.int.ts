import { expect } from 'chai';
import { chatId } from '../../../src/domain/index.ts';
import { mayBeIn } from '../../../src/domain/message/message.ts';
import { numberIn, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { ANN, answer, BEN, BOT, delivered, groupId, onStage, replyTo, supergroupId } from './gateway-stage.ts';

describe('Telegram gateway', () => {
  it('receives direct messages, and answers them with the stored random id', () =>
    onStage({}, async ({ server, start }) => {
      const life = await start();
      const detail = 'connected as @kept_bot; in groups it sees every message';
      expect(life.gateway.health()).to.deep.equal({ id: 'gateway.telegram', status: 'ok', message: detail });
      expect(life.gateway.self()).to.deep.equal({ id: BOT, username: 'kept_bot', isBot: true });
      server.world.sendMessage({ from: ANN, chat: BOT, text: 'hello' });
      await life.untilReceived('hello');
      const [message] = life.received;
      expect(message).to.deep.include({ chat: { id: telegramChat(ANN), kind: 'direct' }, addressedTo: 'us' });
      expect(message?.sender).to.deep.equal({ id: telegramUser(ANN), username: 'ann', displayName: 'Ann', kind: 'person' });
      const outgoing = answer(ANN, 'hello **Ann**', replyTo(message ? numberIn(message.messageId) : 0));
      const id = await delivered(life, outgoing);
      const [sent] = server.sent.items;
      expect(sent).to.deep.include({ text: 'hello Ann' });
      expect(sent?.randomId?.toString()).to.equal(outgoing.deliveryKey);
      expect(server.world.message(BOT, ANN, id)?.text).to.equal('hello Ann');
    }));

  it('says in health and log that a bot in privacy mode sees little of groups, and how it comes to see more', () =>
    onStage({ privacyMode: true }, async ({ start }) => {
      const life = await start();
      expect(life.gateway.health().message).to.match(/^connected as @kept_bot; .*privacy mode.* admin .*@BotFather \(\/setprivacy\)/);
      expect(life.lines.filter(({ fields }) => /in groups it sees only .*@BotFather/.test(String(fields.sight)))).to.have.length(1);
    }));

  it('says nothing of it for a person’s account, which sees every message of its groups', () =>
    onStage({ account: 'user' }, async ({ start }) => {
      const life = await start();
      expect(life.gateway.health().message).to.equal('connected as @kept_person');
    }));

  it('receives and answers in basic groups and supergroups', () =>
    onStage({}, async ({ server, start }) => {
      const life = await start();
      server.world.sendMessage({ from: ANN, chat: groupId, text: 'in the group' });
      server.world.sendMessage({ from: BEN, chat: supergroupId, text: 'in the supergroup' });
      await life.untilReceived('in the group', 'in the supergroup');
      for (const {
        chat: { id },
        messageId,
      } of life.received)
        await life.gateway.send(answer(numberIn(id), `seen in ${numberIn(id)}`, replyTo(numberIn(messageId))));
      expect(server.sent.items.map(({ text }) => text)).to.have.members([`seen in ${groupId}`, `seen in ${supergroupId}`]);
    }));

  for (const account of ['bot', 'user'] as const)
    it(`sends as fast as Telegram puts up with from a ${account === 'bot' ? 'bot' : 'person'}`, () =>
      onStage({ account }, async ({ start }) => {
        const { limits } = (await start()).gateway;
        expect(limits).to.deep.include({ draftIntervalMs: 3_000, chatIntervalMs: 1_000 });
        for (const group of [groupId, supergroupId]) expect(limits.sendsPerMinuteIn?.(telegramChat(group))).to.equal(20);
        expect(limits.sendsPerMinuteIn?.(telegramChat(ANN))).to.equal(undefined);
        expect(limits.sendsPerSecond).to.equal(account === 'bot' ? 30 : 1);
        expect(limits.draftsInGroups ?? true).to.equal(account === 'bot');
      }));

  it('reads what a message replies to, also where it had not received that: text, caption or file, and whose it is', () =>
    onStage({}, async ({ server, start }) => {
      const { world } = server;
      const early = world.sendMessage({ from: BEN, chat: supergroupId, text: 'deploy starts at five' });
      const file = world.sendMessage({
        from: BEN,
        chat: supergroupId,
        text: 'our plan',
        media: { document: Buffer.from('x'), name: 'plan.pdf' },
      });
      const direct = world.sendMessage({ from: ANN, chat: BOT, text: 'my own' });
      const gone = world.sendMessage({ from: BEN, chat: groupId, text: 'gone' });
      const life = await start();
      const { gateway } = life;
      world.sendMessage({ from: ANN, chat: supergroupId, text: 'one', replyTo: early });
      world.sendMessage({ from: ANN, chat: supergroupId, text: 'two', replyTo: file });
      world.sendMessage({ from: ANN, chat: BOT, text: 'three', replyTo: direct });
      const last = world.sendMessage({ from: ANN, chat: groupId, text: 'four', replyTo: gone });
      world.sendMessage({ from: ANN, chat: groupId, text: 'five' });
      await life.untilReceived('one', 'two', 'three', 'four', 'five');
      world.deleteMessages(gone);
      const read = async (text: string) => {
        const message = life.received.find((each) => each.text === text);
        return message && (await gateway.readReplied?.(message.chat.id, message.messageId));
      };
      expect((await read('one'))?.sender).to.deep.equal({ id: telegramUser(BEN), username: 'ben', displayName: 'Ben', kind: 'person' });
      expect((await read('one'))?.text).to.equal('deploy starts at five');
      expect((await read('two'))?.text).to.match(/plan\.pdf.*\nour plan$/s);
      expect((await read('three'))?.text).to.equal('my own');
      expect(await read('four'), `a deleted message, to ${last.text}`).to.equal(undefined);
      expect(await read('five'), 'no reply').to.equal(undefined);
    }));

  it('a bot in privacy mode reads what is replied to by the reply, and nothing else that it does not see', () =>
    onStage({}, async ({ server, start }) => {
      const { world } = server;
      Object.assign(world.state.users.get(BOT) ?? {}, { privacyMode: true });
      const life = await start();
      const unseen = world.sendMessage({ from: BEN, chat: supergroupId, text: 'deploy starts at five' });
      const [at, length] = [0, '@kept_bot'.length];
      world.sendMessage({
        from: ANN,
        chat: supergroupId,
        text: '@kept_bot translate',
        replyTo: unseen,
        entities: [{ _: 'messageEntityMention', offset: at, length }],
      });
      await life.untilReceived('translate');
      const [asked] = life.received;
      expect(life.texts()).to.deep.equal(['translate']);
      expect(asked && (await life.gateway.readReplied?.(asked.chat.id, asked.messageId))?.text).to.equal('deploy starts at five');
    }));

  it('tells which chats deleted messages may be of: a supergroup with its topics, or all that share the account’s numbers', () =>
    onStage({}, async ({ server, start }) => {
      const { world } = server;
      const life = await start();
      const said = [ANN, groupId, supergroupId].map((chat) =>
        world.sendMessage({ from: chat === ANN ? ANN : BEN, chat: chat === ANN ? BOT : chat, text: `in ${chat}` }),
      );
      await life.untilReceived(...said.map(({ text }) => text));
      for (const message of said) world.deleteMessages(message);
      await life.until('three deletions', () => life.erased.length === 3);
      const numberOf = (text: string) => life.received.find((message) => message.text === text)?.messageId;
      const chats = [telegramChat(ANN), telegramChat(groupId), telegramChat(supergroupId), telegramChat(supergroupId, 5)];
      const other = [telegramChat(supergroupId - 1), telegramChat(supergroupId - 1, 5), chatId('local:1')];
      expect(
        life.erased.map((deleted) => [deleted.messageIds, [...chats, ...other].filter((chat) => mayBeIn(deleted, chat))]),
      ).to.have.deep.members([
        [[numberOf(`in ${ANN}`)], chats.slice(0, 2)],
        [[numberOf(`in ${groupId}`)], chats.slice(0, 2)],
        [[numberOf(`in ${supergroupId}`)], chats.slice(2)],
      ]);
    }));

  it('tells of what was deleted while nobody listened, behind the message, and again until it is taken', () =>
    onStage({}, async ({ server, start, stop }) => {
      const { world } = server;
      const first = await start();
      first.refuseErasure = () => true;
      const direct = world.sendMessage({ from: ANN, chat: BOT, text: 'direct' });
      const group = world.sendMessage({ from: BEN, chat: supergroupId, text: 'group' });
      await first.untilReceived('direct', 'group');
      world.deleteMessages(direct);
      await first.until('it was refused', () => first.lines.some(({ message }) => message.startsWith('deleted messages could not')));
      await stop(first);
      world.deleteMessages(group);
      const second = await start();
      await second.until('both', () => second.erased.length === 2);
      const told = [telegramChat(ANN), telegramChat(supergroupId)];
      expect(second.erased.map((deleted) => told.filter((chat) => mayBeIn(deleted, chat)))).to.have.deep.members(
        told.map((chat) => [chat]),
      );
    }));
});
