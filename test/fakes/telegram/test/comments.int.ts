import { expect } from 'chai';
import type { Message, MtprotoServer, World } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient } from './clients.ts';
import { ADA, BOB, BOT, CHANNEL, channelPeer, errorOf, FORUM, GROUP, headerOf, newestOf, send, startThreads, TEAM } from './threads.ts';

/** https://core.telegram.org/api/threads, https://core.telegram.org/api/discussion */
describe('The Telegram server: comments and chains of replies', () => {
  const peer = channelPeer(GROUP);
  let server: MtprotoServer;
  let world: World;
  let bot: ProductClient;

  beforeEach(async () => {
    ({ server } = await startThreads());
    ({ world } = server);
    bot = await connectAs(server, BOT);
  });
  afterEach(async () => {
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  const idOf = (message: Message): number => world.messageId(message, BOT);
  const say = (text: string, replyTo?: Message): Message =>
    world.sendMessage({ from: BOB, chat: GROUP, text, ...(replyTo ? { replyTo } : {}) });
  const untilNewest = async (text: string): Promise<Api.TypeMessage | undefined> => {
    await bot.until(() => bot.texts().includes(text));
    return newestOf(bot);
  };
  /** A post of the channel, and its copy in the group. */
  const post = (text: string): { readonly posted: Message; readonly copy: Message } => {
    const posted = world.sendMessage({ from: ADA, chat: CHANNEL, text });
    const copy = world.history(BOB, GROUP).findLast(({ forwardOf }) => forwardOf === posted);
    if (!copy) throw new Error('the post was not forwarded');
    return { posted, copy };
  };

  it('forwards a post to the group that discusses its channel, in the name of the channel', async () => {
    const { posted } = post('the news');
    const copy = await untilNewest('the news');
    if (!(copy instanceof Api.Message)) throw new Error('no message');
    expect(copy.fromId).to.be.instanceOf(Api.PeerChannel);
    expect(copy.fwdFrom).to.include({ channelPost: posted.ids.values().next().value });
    expect(copy.fwdFrom?.savedFromPeer).to.be.instanceOf(Api.PeerChannel);
    await using bob = await connectAs(server, BOB);
    const [original] = await bob.client.getMessages('the_news', { limit: 1 });
    expect(original).to.include({ message: 'the news', post: true });
    await using ada = await connectAs(server, ADA);
    const [hers] = await ada.client.getMessages('the_comments', { limit: 1 });
    expect([hers?.message, hers?.out ?? false]).to.deep.equal(['the news', false]);
  });

  it('names the copy of the post as the thread of every comment, and marks no comment as a topic', async () => {
    const { copy } = post('the news');
    const first = say('first', copy);
    expect(headerOf(await untilNewest('first'))).to.deep.equal({ replyToMsgId: idOf(copy) });
    const second = say('second', first);
    expect(headerOf(await untilNewest('second'))).to.deep.equal({ replyToMsgId: idOf(first), replyToTopId: idOf(copy) });
    say('third', second);
    expect(headerOf(await untilNewest('third'))).to.deep.equal({ replyToMsgId: idOf(second), replyToTopId: idOf(copy) });
  });

  it('gives a chain of replies a thread in a supergroup, and none in a basic group', async () => {
    const question = say('a question');
    const answer = say('an answer', question);
    say('and more', answer);
    expect(headerOf(await untilNewest('and more'))).to.deep.equal({ replyToMsgId: idOf(answer), replyToTopId: idOf(question) });
    const inTeam = world.sendMessage({ from: ADA, chat: TEAM, text: 'a question' });
    const reply = world.sendMessage({ from: BOB, chat: TEAM, text: 'a reply', replyTo: inTeam });
    world.sendMessage({ from: BOB, chat: TEAM, text: 'a reply to the reply', replyTo: reply });
    await bot.until(() => bot.texts().includes('a reply to the reply'));
    const found = await bot.client.invoke(new Api.messages.GetMessages({ id: [3].map((id) => new Api.InputMessageID({ id })) }));
    expect('messages' in found && found.messages.map(headerOf)).to.deep.equal([{ replyToMsgId: 2 }]);
    expect(await errorOf(send(bot, new Api.InputPeerChat({ chatId: bigInt(-TEAM) }), 'x', { replyToMsgId: 1, topMsgId: 1 }))).to.equal(
      'MSG_ID_INVALID',
    );
  });

  it('puts a reply to a comment into its thread, and keeps it there by top_msg_id when the comment was deleted', async () => {
    const { copy } = post('the news');
    const comment = say('@kept_bot what is new', copy);
    const reply = { replyToMsgId: idOf(comment) };
    await send(bot, peer, 'an answer', reply);
    world.deleteMessages(comment);
    await send(bot, peer, 'kept', { ...reply, topMsgId: idOf(copy) });
    await send(bot, peer, 'astray', reply);
    expect(server.sent.items.map(({ text, thread }) => [text, thread])).to.deep.equal([
      ['an answer', idOf(copy)],
      ['kept', idOf(copy)],
      ['astray', undefined],
    ]);
    expect(await errorOf(send(bot, peer, 'x', { ...reply, topMsgId: idOf(comment) }))).to.equal('MSG_ID_INVALID');
    expect(await errorOf(send(bot, peer, 'x', { ...reply, topMsgId: server.sent.items[0]?.id ?? 0 }))).to.equal('MSG_ID_INVALID');
  });

  it('refuses a reply to a message of another chat that has the same number', async () => {
    world.sendMessage({ from: ADA, chat: BOT, text: 'for the bot alone' });
    world.sendMessage({ from: BOB, chat: TEAM, text: 'for the team' });
    await bot.until(() => bot.texts().length === 2);
    const team = new Api.InputPeerChat({ chatId: bigInt(-TEAM) });
    expect(await errorOf(send(bot, team, 'x', { replyToMsgId: 1 }))).to.equal('REPLY_MESSAGE_ID_INVALID');
    expect(await errorOf(send(bot, team, 'x', { replyToMsgId: 2 }))).to.equal('no error');
  });

  describe('asked by a person', () => {
    let ada: ProductClient;
    beforeEach(async () => {
      ada = await connectAs(server, ADA);
    });
    afterEach(() => ada.client.destroy());

    const PAGE = { offsetId: 0, offsetDate: 0, addOffset: 0, limit: 10, maxId: 0, minId: 0, hash: bigInt(0) };
    const textsOf = (found: Api.messages.TypeMessages) =>
      'messages' in found ? found.messages.map((message) => (message instanceof Api.Message ? message.message : message.className)) : [];

    it('finds the comments of a post from its channel and from the group, and counts them with the post', async () => {
      const { posted, copy } = post('the news');
      say('first', copy);
      say('aside');
      say('second', copy);
      const msgId = world.messageId(posted, ADA);
      const start = await ada.client.invoke(new Api.messages.GetDiscussionMessage({ peer: 'the_news', msgId }));
      expect(start.messages.map(({ id }) => id)).to.deep.equal([idOf(copy)]);
      expect(start).to.include({ unreadCount: 2 });
      for (const [where, id] of [
        ['the_news', msgId],
        ['the_comments', idOf(copy)],
      ] as const)
        expect(textsOf(await ada.client.invoke(new Api.messages.GetReplies({ peer: where, msgId: id, ...PAGE })))).to.deep.equal([
          'second',
          'first',
        ]);
      const [original] = await ada.client.getMessages('the_news', { limit: 1 });
      expect(original?.replies).to.include({ comments: true, replies: 2 });
      expect(original?.replies?.channelId?.toString()).to.equal('1500000500');
    });

    it('finds messages by topic, General included, and refuses bots that ask', async () => {
      const garden = world.createTopic({ from: ADA, chat: FORUM, title: 'Garden' });
      const inTopic = (text: string, topic?: typeof garden) =>
        world.sendMessage({ from: BOB, chat: FORUM, text, ...(topic ? { topic } : {}) });
      inTopic('roses', garden);
      inTopic('lunch');
      inTopic('tulips', garden);
      const topicId = world.topicId(garden, ADA);
      const replies = await ada.client.invoke(new Api.messages.GetReplies({ peer: 'the_forum', msgId: topicId, ...PAGE }));
      expect(textsOf(replies)).to.deep.equal(['tulips', 'roses']);
      const filter = new Api.InputMessagesFilterEmpty();
      const asks = { filter, minDate: 0, maxDate: 0, ...PAGE };
      const search = async (q: string, topMsgId?: number) =>
        textsOf(
          await ada.client.invoke(
            new Api.messages.Search({ peer: 'the_forum', q, ...asks, ...(topMsgId === undefined ? {} : { topMsgId }) }),
          ),
        );
      expect(await search('s')).to.deep.equal(['tulips', 'roses']);
      expect(await search('', topicId)).to.deep.equal(['tulips', 'roses']);
      expect(await search('', 1)).to.deep.equal(['lunch', 'MessageService']);
      expect(await search('lunch', topicId)).to.deep.equal([]);
      const forum = channelPeer(FORUM);
      expect(await errorOf(bot.client.invoke(new Api.messages.Search({ peer: forum, q: '', ...asks })))).to.equal('BOT_METHOD_INVALID');
      expect(await errorOf(bot.client.invoke(new Api.messages.GetReplies({ peer: forum, msgId: topicId, ...PAGE })))).to.equal(
        'BOT_METHOD_INVALID',
      );
    });

    it('marks one thread as read, and tells the other sessions of the reader and the authors', async () => {
      const garden = world.createTopic({ from: ADA, chat: FORUM, title: 'Garden' });
      const kitchen = world.createTopic({ from: ADA, chat: FORUM, title: 'Kitchen' });
      const last = [garden, kitchen].map((topic) => world.sendMessage({ from: BOB, chat: FORUM, text: 'new', topic })).map(idOf);
      const unread = async () => {
        const topics = [garden, kitchen].map((topic) => world.topicId(topic, ADA));
        const found = await ada.client.invoke(new Api.messages.GetForumTopicsByID({ peer: 'the_forum', topics }));
        return found.topics.map((topic) => (topic instanceof Api.ForumTopic ? topic.unreadCount : undefined));
      };
      expect(await unread()).to.deep.equal([1, 1]);
      await using desk = await connectAs(server, ADA);
      await using bob = await connectAs(server, BOB);
      const msgId = world.topicId(garden, ADA);
      await ada.client.invoke(new Api.messages.ReadDiscussion({ peer: 'the_forum', msgId, readMaxId: last[0] ?? 0 }));
      expect(await unread()).to.deep.equal([0, 1]);
      await desk.until(() => desk.updates.some((update) => update instanceof Api.UpdateReadChannelDiscussionInbox));
      await bob.until(() => bob.updates.some((update) => update instanceof Api.UpdateReadChannelDiscussionOutbox));
      const told = desk.updates.find((update) => update instanceof Api.UpdateReadChannelDiscussionInbox);
      expect(told).to.include({ topMsgId: msgId, readMaxId: last[0] });
      expect(ada.updates.some((update) => update instanceof Api.UpdateReadChannelDiscussionInbox)).to.equal(false);
    });
  });
});

/** https://core.telegram.org/api/forum: bots may have topics in their private chats, too. */
describe('The Telegram server: topics of a private chat with a bot', () => {
  let server: MtprotoServer;
  let world: World;
  let bot: ProductClient;

  beforeEach(async () => {
    ({ server } = await startThreads());
    ({ world } = server);
    bot = await connectAs(server, BOT);
  });
  afterEach(async () => {
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  it('gives a topic an id of its own on each side, and keeps messages in it', async () => {
    world.sendMessage({ from: ADA, chat: BOB, text: 'not for the bot' });
    const taxes = world.createTopic({ from: ADA, chat: BOT, title: 'Taxes' });
    expect([ADA, BOT].map((id) => world.topicId(taxes, id))).to.deep.equal([2, 1]);
    const question = world.sendMessage({ from: ADA, chat: BOT, text: 'when are they due', topic: taxes });
    await bot.until(() => bot.texts().includes('when are they due'));
    expect(headerOf(await whole(question))).to.deep.equal({ forumTopic: true, replyToMsgId: 1 });
    const ada = await bot.client.getInputEntity(ADA);
    await send(bot, ada, 'in May', { replyToMsgId: world.messageId(question, BOT), topMsgId: 1 });
    await send(bot, ada, 'outside');
    expect(world.messagesInTopic(taxes, ADA).map(({ text }) => text)).to.deep.equal(['', 'when are they due', 'in May']);
    expect(server.sent.items.map(({ thread }) => thread)).to.deep.equal([1, undefined]);
    expect(await bot.client.getMe()).to.include({ botForumView: true });
    await using phone = await connectAs(server, ADA);
    await bot.client.invoke(new Api.messages.SetTyping({ peer: ada, topMsgId: 1, action: new Api.SendMessageTypingAction() }));
    await phone.until(() => phone.updates.some((update) => update instanceof Api.UpdateUserTyping));
    expect(phone.updates.find((update) => update instanceof Api.UpdateUserTyping)).to.include({ topMsgId: 2 });
  });

  it('sends a message for a deleted topic to no topic, without an error', async () => {
    const taxes = world.createTopic({ from: ADA, chat: BOT, title: 'Taxes' });
    const question = world.sendMessage({ from: ADA, chat: BOT, text: 'hello', topic: taxes });
    await bot.until(() => bot.texts().includes('hello'));
    const ada = await bot.client.getInputEntity(ADA);
    const id = world.messageId(question, BOT);
    const topMsgId = world.topicId(taxes, BOT);
    world.deleteTopic(taxes);
    await send(bot, ada, 'astray', { replyToMsgId: id, topMsgId });
    await send(bot, ada, 'astray as well', { replyToMsgId: topMsgId });
    expect(server.sent.items.map(({ thread, replyTo }) => [thread, replyTo])).to.deep.equal(Array(2).fill([undefined, undefined]));
    expect(await errorOf(send(bot, ada, 'x', { replyToMsgId: id, topMsgId: 4711 }))).to.equal('MSG_ID_INVALID');
  });

  const whole = async (message: Message): Promise<Api.TypeMessage | undefined> => {
    const id = [new Api.InputMessageID({ id: world.messageId(message, BOT) })];
    const found = await bot.client.invoke(new Api.messages.GetMessages({ id }));
    return 'messages' in found ? found.messages[0] : undefined;
  };
});
