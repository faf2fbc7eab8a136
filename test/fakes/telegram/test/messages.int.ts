import { expect } from 'chai';
import { type MtprotoServer, startMtprotoServer } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient, trust } from './clients.ts';

const BOT = 7000;
const ADA = 1001;
const BOB = 1002;
const TEAM = -200;
const FORUM = -1_001_500_000_300;

describe('The Telegram server: messages', () => {
  let server: MtprotoServer;
  let bot: ProductClient;

  beforeEach(async () => {
    server = await startMtprotoServer();
    server.world.addUser({ id: BOT, username: 'kept_bot', isBot: true, token: '7000:x' });
    server.world.addUser({ id: ADA, username: 'ada_lovelace', firstName: 'Ada' });
    server.world.addUser({ id: BOB, firstName: 'Bob' });
    server.world.addGroup({ id: 200, title: 'Team', members: [ADA, BOB, BOT] });
    server.world.addSupergroup({ id: 1_500_000_300, title: 'Forum', members: [ADA, BOB, BOT] });
    bot = await connectAs(server, BOT);
  });
  afterEach(async () => {
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  for (const [where, chat] of [
    ['a direct message', BOT],
    ['a basic group', TEAM],
    ['a supergroup', FORUM],
  ] as const) {
    const answerTo = chat === BOT ? ADA : chat;

    it(`delivers a message and its answer in ${where}`, async () => {
      const question = server.world.sendMessage({ from: ADA, chat, text: 'hello @kept_bot' });
      server.world.sendMessage({ from: ADA, chat, text: 'again' });
      await bot.until(() => bot.texts().length === 2);
      expect(bot.texts()).to.deep.equal(['hello @kept_bot', 'again']);
      const sent = await bot.client.sendMessage(answerTo, { message: 'pong', replyTo: server.world.messageId(question, BOT) });
      const [recorded] = server.sent.items;
      expect(recorded).to.include({ chat: answerTo, text: 'pong', id: sent.id, replyTo: server.world.messageId(question, BOT) });
      expect(server.world.history(ADA, chat).map(({ text }) => text)).to.deep.equal(['hello @kept_bot', 'again', 'pong']);
    });

    it(`tells of an edit, a deletion and a reaction in ${where}`, async () => {
      const question = server.world.sendMessage({ from: ADA, chat, text: 'one' });
      await bot.until(() => bot.texts().length === 1);
      server.world.editMessage(question, 'two');
      await bot.until(() => bot.updates.some((update) => /Edit/.test(update.className)));
      const sent = await bot.client.sendMessage(answerTo, { message: 'draft' });
      await bot.client.editMessage(answerTo, { message: sent.id, text: 'final' });
      expect(server.edits.items).to.have.length(1);
      expect(server.edits.items[0]).to.include({ text: 'final', id: sent.id });
      const peer = await bot.client.getInputEntity(answerTo);
      const msgId = server.world.messageId(question, BOT);
      await bot.client.invoke(new Api.messages.SendReaction({ peer, msgId, reaction: [new Api.ReactionEmoji({ emoticon: '👀' })] }));
      expect(server.reactions.items[0])
        .to.include({ id: msgId, chat: answerTo })
        .and.to.deep.include({ emoji: ['👀'] });
      server.world.deleteMessages(question);
      await bot.until(() => bot.updates.some((update) => /Delete/.test(update.className)));
      expect(server.world.history(BOT, answerTo).map(({ text }) => text)).to.deep.equal(['final']);
    });

    it(`accepts a random id once in ${where}, whichever way it answers a repeat`, async () => {
      server.world.sendMessage({ from: ADA, chat, text: 'hello' });
      await bot.until(() => bot.texts().length === 1);
      const peer = await bot.client.getInputEntity(answerTo);
      const send = () => bot.client.invoke(new Api.messages.SendMessage({ peer, message: 'once', randomId: bigInt(77) }));
      await send();
      /* The client repeats after any error 500, and then throws another one. The recorded calls have the real error. */
      expect(await send().catch((error: Error) => error.message)).to.include('unsuccessful');
      expect(server.calls.items.at(-1)?.outcome).to.equal('RANDOM_ID_DUPLICATE');
      server.answerRepeatsWith('original');
      const repeat = await send();
      const [only] = server.sent.items;
      expect(server.sent.items).to.have.length(1);
      if (repeat instanceof Api.UpdateShortSentMessage) expect(repeat.id).to.equal(only?.id);
      else expect(repeat).to.be.instanceOf(Api.Updates).with.nested.property('updates[0].id', only?.id);
    });

    it(`records typing in ${where}`, async () => {
      server.world.sendMessage({ from: ADA, chat, text: 'hello' });
      await bot.until(() => bot.texts().length === 1);
      const peer = await bot.client.getInputEntity(answerTo);
      await bot.client.invoke(new Api.messages.SetTyping({ peer, action: new Api.SendMessageTypingAction() }));
      expect(server.typing.items).to.deep.equal([{ userId: BOT, chat: answerTo, action: 'sendMessageTypingAction' }]);
      server.world.type(ADA, chat);
      await bot.until(() => bot.updates.some((update) => /Typing/.test(update.className)));
    });
  }

  it('numbers direct messages for each account by itself, and those of a supergroup once for all', async () => {
    server.world.sendMessage({ from: ADA, chat: BOB, text: 'not for the bot' });
    const dm = server.world.sendMessage({ from: ADA, chat: BOT, text: 'a' });
    const post = server.world.sendMessage({ from: ADA, chat: FORUM, text: 'b' });
    expect([ADA, BOT].map((id) => server.world.messageId(dm, id))).to.deep.equal([2, 1]);
    expect([ADA, BOT].map((id) => server.world.messageId(post, id))).to.deep.equal([1, 1]);
  });

  const refused = async (request: Api.AnyRequest): Promise<string> => {
    const error: unknown = await bot.client.invoke(request).catch((thrown: unknown) => thrown);
    return error instanceof Error && 'errorMessage' in error ? String(error.errorMessage) : 'no error';
  };

  it('refuses what Telegram refuses, with the same errors', async () => {
    server.world.sendMessage({ from: ADA, chat: BOT, text: 'hello' });
    server.world.sendMessage({ from: ADA, chat: FORUM, text: 'hello' });
    await bot.until(() => bot.texts().length === 2);
    const ada = await bot.client.getInputEntity(ADA);
    const forum = await bot.client.getInputEntity(FORUM);
    const send = (message: string, peer = ada, more = {}) =>
      refused(new Api.messages.SendMessage({ peer, message, randomId: bigInt(Date.now()), ...more }));
    expect(await send('x'.repeat(4097))).to.equal('MESSAGE_TOO_LONG');
    expect(await send(' \n ')).to.equal('MESSAGE_EMPTY');
    expect(await send('x', new Api.InputPeerUser({ userId: bigInt(ADA), accessHash: bigInt(5) }))).to.equal('PEER_ID_INVALID');
    expect(await send('x', new Api.InputPeerUser({ userId: bigInt(999), accessHash: bigInt(0) }))).to.equal('PEER_ID_INVALID');
    expect(await send('x', ada, { replyTo: new Api.InputReplyToMessage({ replyToMsgId: 99 }) })).to.equal('REPLY_MESSAGE_ID_INVALID');
    expect(await send('x', ada, { entities: [new Api.MessageEntityBold({ offset: 0, length: 2 })] })).to.equal('ENTITY_BOUNDS_INVALID');
    expect(await send('x', ada, { randomId: bigInt(0) })).to.equal('RANDOM_ID_EMPTY');
    const mine = await bot.client.sendMessage(ADA, { message: 'mine' });
    const edit = (id: number, message: string) => refused(new Api.messages.EditMessage({ peer: ada, id, message }));
    expect(await edit(mine.id, 'mine')).to.equal('MESSAGE_NOT_MODIFIED');
    expect(await edit(1, 'hers')).to.equal('MESSAGE_AUTHOR_REQUIRED');
    expect(await edit(55, 'none')).to.equal('MESSAGE_ID_INVALID');
    expect(
      await refused(new Api.messages.SendMedia({ peer: ada, media: new Api.InputMediaEmpty(), message: '', randomId: bigInt(5) })),
    ).to.equal('MEDIA_EMPTY');
    server.world.setMember(FORUM, BOT, { canWrite: false });
    expect(await send('x', forum)).to.equal('CHAT_WRITE_FORBIDDEN');
    server.world.removeMember(FORUM, BOT);
    expect(await send('x', forum)).to.equal('CHANNEL_PRIVATE');
    server.world.setBlocked(ADA, BOT, true);
    expect(await send('x')).to.equal('USER_IS_BLOCKED');
    expect(
      await refused(
        new Api.messages.GetDialogs({ offsetDate: 0, offsetId: 0, offsetPeer: new Api.InputPeerEmpty(), limit: 10, hash: bigInt(0) }),
      ),
    ).to.equal('BOT_METHOD_INVALID');
  });

  it('adds the entities that Telegram finds by itself, and cuts off white space at the end', async () => {
    server.world.sendMessage({ from: ADA, chat: TEAM, text: '/status@kept_bot see https://example.org and @kept_bot  ' });
    await bot.until(() => bot.updates.length > 0 && bot.texts().length === 1);
    const message = server.world.history(BOT, TEAM)[0];
    expect(message?.text).to.equal('/status@kept_bot see https://example.org and @kept_bot');
    expect(message?.entities.map(({ _, offset }) => [_, offset])).to.deep.equal([
      ['messageEntityBotCommand', 0],
      ['messageEntityUrl', 21],
      ['messageEntityMention', 45],
    ]);
  });

  it('transfers files both ways in parts', async () => {
    await trust(server); /* Files come over connections with keys of their own. */
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 7) % 256));
    server.world.sendMessage({ from: ADA, chat: BOT, text: 'see', media: { document: content, name: 'data.bin' } });
    await bot.until(() => bot.texts().length === 1);
    const [update] = bot.updates.filter((each) => each instanceof Api.UpdateNewMessage);
    if (!(update?.message instanceof Api.Message)) throw new Error('no message');
    const downloaded = await bot.client.downloadMedia(update.message, {});
    expect(Buffer.isBuffer(downloaded) && downloaded.equals(content)).to.equal(true);
    const { CustomFile } = await import('telegram/client/uploads.js');
    await bot.client.sendFile(ADA, {
      file: new CustomFile('answer.txt', 5, '', Buffer.from('hello')),
      caption: 'here',
      forceDocument: true,
    });
    const [sent] = server.sent.items;
    expect(sent).to.include({ text: 'here' });
    expect(sent?.media?._).to.equal('messageMediaDocument');
    expect([...server.world.state.files.values()].at(-1)?.content.toString()).to.equal('hello');
  });

  it('packs a large answer, and sends a burst of updates in containers', async () => {
    for (let at = 0; at < 250; at++) server.world.sendMessage({ from: ADA, chat: BOT, text: `${at} ${'long text '.repeat(40)}` });
    await bot.until(() => bot.texts().length === 250);
    const me = await bot.client.getMessages(ADA, { ids: [1, 2, 3, 250] });
    expect(me.map((message) => message?.id)).to.deep.equal([1, 2, 3, 250]);
  });
});
