import { expect } from 'chai';
import type { Message, MtprotoServer, Topic, World } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient, trust } from './clients.ts';
import { ADA, BOB, BOT, channelPeer, errorOf, FORUM, headerOf, send, startThreads, TEAM } from './threads.ts';

/** https://core.telegram.org/api/forum#forum-topics */
describe('The Telegram server: topics of a forum', () => {
  const peer = channelPeer(FORUM);
  let server: MtprotoServer;
  let world: World;
  let bot: ProductClient;
  let garden: Topic;
  let kitchen: Topic;

  beforeEach(async () => {
    ({ server } = await startThreads());
    ({ world } = server);
    garden = world.createTopic({ from: ADA, chat: FORUM, title: 'Garden' });
    kitchen = world.createTopic({ from: ADA, chat: FORUM, title: 'Kitchen' });
    bot = await connectAs(server, BOT);
  });
  afterEach(async () => {
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  const idOf = (message: Message): number => world.messageId(message, BOT);
  const topicId = (topic: Topic): number => world.topicId(topic, BOT);
  const say = (text: string, place: { readonly topic?: Topic; readonly replyTo?: Message } = {}): Message =>
    world.sendMessage({ from: BOB, chat: FORUM, text, ...place });
  const fetched = async (...ids: readonly number[]): Promise<readonly Api.TypeMessage[]> => {
    const channel = new Api.InputChannel(peer);
    const found = await bot.client.invoke(new Api.channels.GetMessages({ channel, id: ids.map((id) => new Api.InputMessageID({ id })) }));
    return 'messages' in found ? found.messages : [];
  };
  const sentTo = () => server.sent.items.map(({ text, thread, replyTo }) => [text, thread, replyTo]);

  it('gives a topic the id of the message that created it, and General the id 1', async () => {
    const [made] = await fetched(topicId(garden));
    expect(made).to.be.instanceOf(Api.MessageService).with.nested.property('action.className', 'MessageActionTopicCreate');
    expect(headerOf(made)).to.equal(undefined);
    const general = world.state.groups.get(FORUM)?.topics?.[0];
    expect(general && topicId(general)).to.equal(1);
    expect(topicId(garden)).to.be.above(1);
    expect(await bot.client.getEntity(peer)).to.include({ forum: true, megagroup: true });
  });

  it('names the topic in the header of its messages, beside the message that is replied to', async () => {
    const first = say('in the garden', { topic: garden });
    const reply = say('a reply', { replyTo: first });
    const aside = say('in General');
    const answer = say('a reply in General', { replyTo: aside });
    const chain = say('a reply to the reply', { replyTo: answer });
    const messages = await fetched(...[first, reply, aside, answer, chain].map(idOf));
    expect(messages.map(headerOf)).to.deep.equal([
      { forumTopic: true, replyToMsgId: topicId(garden) },
      { forumTopic: true, replyToMsgId: idOf(first), replyToTopId: topicId(garden) },
      undefined,
      { replyToMsgId: idOf(aside) },
      { replyToMsgId: idOf(answer), replyToTopId: idOf(aside) },
    ]);
  });

  it('puts replies into the topic of their target, and everything else into General', async () => {
    const question = say('a question', { topic: garden });
    await send(bot, peer, 'to nothing');
    await send(bot, peer, 'to the topic', { replyToMsgId: topicId(garden) });
    await send(bot, peer, 'to a message', { replyToMsgId: idOf(question) });
    await send(bot, peer, 'with both', { replyToMsgId: idOf(question), topMsgId: topicId(garden) });
    expect(sentTo()).to.deep.equal([
      ['to nothing', undefined, undefined],
      ['to the topic', topicId(garden), undefined],
      ['to a message', topicId(garden), idOf(question)],
      ['with both', topicId(garden), idOf(question)],
    ]);
    expect(world.messagesInTopic(garden, BOT).map(({ text }) => text)).to.deep.equal([
      '',
      'a question',
      'to the topic',
      'to a message',
      'with both',
    ]);
    expect(world.messagesInTopic(kitchen, BOT)).to.have.length(1);
  });

  it('keeps a reply to a deleted message in the topic that top_msg_id names, and sends it to General without', async () => {
    const question = say('a question', { topic: garden });
    const id = idOf(question);
    world.deleteMessages(question);
    await send(bot, peer, 'kept', { replyToMsgId: id, topMsgId: topicId(garden) });
    await send(bot, peer, 'astray', { replyToMsgId: id });
    expect(sentTo()).to.deep.equal([
      ['kept', topicId(garden), undefined],
      ['astray', undefined, undefined],
    ]);
    const [kept, astray] = await fetched(...server.sent.items.map((item) => item.id));
    expect([headerOf(kept), headerOf(astray)]).to.deep.equal([{ forumTopic: true, replyToMsgId: topicId(garden) }, undefined]);
  });

  it('refuses top_msg_id of General and of topics that do not exist', async () => {
    const question = say('a question');
    const reply = { replyToMsgId: idOf(question) };
    expect(await errorOf(send(bot, peer, 'x', { ...reply, topMsgId: 1 }))).to.equal('MSG_ID_INVALID');
    expect(await errorOf(send(bot, peer, 'x', { ...reply, topMsgId: idOf(question) }))).to.equal('MSG_ID_INVALID');
    expect(await errorOf(send(bot, peer, 'x', { ...reply, topMsgId: 4711 }))).to.equal('MSG_ID_INVALID');
    expect(await errorOf(send(bot, peer, 'x', { replyToMsgId: 4711 }))).to.equal('REPLY_MESSAGE_ID_INVALID');
    expect(server.sent.items).to.deep.equal([]);
  });

  it('refuses messages of members in closed topics, General included, and accepts those of admins', async () => {
    world.editTopic(garden, { closed: true });
    const inGarden = { replyToMsgId: topicId(garden) };
    expect(await errorOf(send(bot, peer, 'x', inGarden))).to.equal('TOPIC_CLOSED');
    expect(await errorOf(send(bot, peer, 'x'))).to.equal('no error');
    const general = world.state.groups.get(FORUM)?.topics?.[0];
    if (general) world.editTopic(general, { closed: true });
    expect(await errorOf(send(bot, peer, 'x'))).to.equal('TOPIC_CLOSED');
    world.setMember(FORUM, BOT, { role: 'admin' });
    expect(await errorOf(send(bot, peer, 'x', inGarden))).to.equal('no error');
    expect(await errorOf(send(bot, peer, 'x'))).to.equal('no error');
    world.setMember(FORUM, BOT, { role: 'member' });
    world.editTopic(garden, { closed: false });
    expect(await errorOf(send(bot, peer, 'x', inGarden))).to.equal('no error');
  });

  it('deletes the messages of a topic with it, and refuses new ones', async () => {
    const question = say('a question', { topic: garden });
    const gone = [topicId(garden), idOf(question)];
    world.deleteTopic(garden);
    expect(await errorOf(send(bot, peer, 'x', { replyToMsgId: topicId(garden) }))).to.equal('TOPIC_DELETED');
    const aside = idOf(say('aside'));
    expect(await errorOf(send(bot, peer, 'x', { replyToMsgId: aside, topMsgId: topicId(garden) }))).to.equal('TOPIC_DELETED');
    const [root, message] = await fetched(...gone);
    expect([root?.className, message?.className]).to.deep.equal(['MessageEmpty', 'MessageEmpty']);
    await bot.until(() => bot.updates.some((update) => update instanceof Api.UpdateDeleteChannelMessages));
    const deleted = bot.updates.find((update) => update instanceof Api.UpdateDeleteChannelMessages);
    expect(deleted?.messages).to.deep.equal(gone);
  });

  it('puts files and every part of an album into the topic', async () => {
    await trust(server);
    const question = say('a question', { topic: garden });
    const { CustomFile } = await import('telegram/client/uploads.js');
    const file = (name: string) => new CustomFile(name, 1, '', Buffer.from('x'));
    const replyTo = idOf(question);
    await bot.client.sendFile(peer, { file: file('one.txt'), caption: 'file', forceDocument: true, replyTo });
    await bot.client.sendFile(peer, { file: [file('a.jpg'), file('b.jpg')], caption: 'album', replyTo });
    expect(server.sent.items.map(({ thread, media }) => [thread, media?._])).to.deep.equal([
      [topicId(garden), 'messageMediaDocument'],
      [topicId(garden), 'messageMediaPhoto'],
      [topicId(garden), 'messageMediaPhoto'],
    ]);
  });

  it('shows typing in the topic that it names, and refuses a topic that does not exist', async () => {
    await using ada = await connectAs(server, ADA);
    const action = new Api.SendMessageTypingAction();
    await bot.client.invoke(new Api.messages.SetTyping({ peer, topMsgId: topicId(garden), action }));
    expect(server.typing.items).to.deep.equal([{ userId: BOT, chat: FORUM, thread: topicId(garden), action: 'sendMessageTypingAction' }]);
    await ada.until(() => ada.updates.some((update) => update instanceof Api.UpdateChannelUserTyping));
    expect(ada.updates.find((update) => update instanceof Api.UpdateChannelUserTyping)).to.include({ topMsgId: topicId(garden) });
    expect(await errorOf(bot.client.invoke(new Api.messages.SetTyping({ peer, topMsgId: 4711, action })))).to.equal('MSG_ID_INVALID');
    world.type(ADA, FORUM, kitchen);
    await bot.until(() => bot.updates.some((update) => update instanceof Api.UpdateChannelUserTyping));
    expect(bot.updates.find((update) => update instanceof Api.UpdateChannelUserTyping)).to.include({ topMsgId: topicId(kitchen) });
  });

  it('records top_msg_id of each raw call', async () => {
    const question = say('a question', { topic: garden });
    await send(bot, peer, 'x', { replyToMsgId: idOf(question), topMsgId: topicId(garden) });
    const call = server.calls.items.findLast(({ method }) => method === 'messages.sendMessage');
    expect(call?.request.replyTo).to.deep.equal({
      _: 'inputReplyToMessage',
      replyToMsgId: idOf(question),
      topMsgId: topicId(garden),
    });
  });

  describe('management', () => {
    it('lets the creator of a topic and admins edit and delete it, and nobody else', async () => {
      const edit = (topic: Topic, change: { readonly title?: string; readonly closed?: boolean }) =>
        errorOf(bot.client.invoke(new Api.messages.EditForumTopic({ peer, topicId: topicId(topic), ...change })));
      const remove = (topMsgId: number) => errorOf(bot.client.invoke(new Api.messages.DeleteTopicHistory({ peer, topMsgId })));
      expect(await edit(garden, { closed: true })).to.equal('CHAT_ADMIN_REQUIRED');
      expect(await remove(topicId(garden))).to.equal('CHAT_ADMIN_REQUIRED');
      world.setMember(FORUM, BOT, { role: 'admin' });
      expect(await edit(garden, { closed: true })).to.equal('no error');
      expect(await edit(garden, { closed: true })).to.equal('TOPIC_NOT_MODIFIED');
      expect(await edit(garden, { title: 'Orchard' })).to.equal('no error');
      expect(await remove(1)).to.equal('TOPIC_ID_INVALID');
      expect(await remove(topicId(garden))).to.equal('no error');
      expect(await remove(4711)).to.equal('TOPIC_ID_INVALID');
    });

    it('tells of changed topics by service messages in the topic', async () => {
      world.editTopic(garden, { title: 'Orchard' });
      world.editTopic(garden, { closed: true });
      await bot.until(() => bot.updates.filter((update) => update instanceof Api.UpdateNewChannelMessage).length === 2);
      const told = bot.updates.flatMap((update) =>
        update instanceof Api.UpdateNewChannelMessage && update.message instanceof Api.MessageService ? [update.message] : [],
      );
      expect(told.map(headerOf)).to.deep.equal(Array(2).fill({ forumTopic: true, replyToMsgId: topicId(garden) }));
      const actions = told.map(({ action }) => (action instanceof Api.MessageActionTopicEdit ? action : undefined));
      expect(actions.map((action) => [action?.title ?? '', action?.closed ?? false])).to.deep.equal([
        ['Orchard', false],
        ['', true],
      ]);
    });

    it('lists topics for people only, and tells everybody which of the topics that they name are deleted', async () => {
      say('the newest', { topic: garden });
      world.deleteTopic(kitchen);
      await using ada = await connectAs(server, ADA);
      const asks = new Api.messages.GetForumTopics({ peer: 'the_forum', offsetDate: 0, offsetId: 0, offsetTopic: 0, limit: 10 });
      const list = await ada.client.invoke(asks);
      const titles = list.topics.map((topic) => (topic instanceof Api.ForumTopic ? [topic.title, topic.id, topic.unreadCount] : topic.id));
      expect(titles).to.deep.equal([
        ['Garden', topicId(garden), 1],
        ['General', 1, 0],
      ]);
      expect(await errorOf(bot.client.invoke(new Api.messages.GetForumTopics({ ...asks, peer })))).to.equal('BOT_METHOD_INVALID');
      const wanted = [topicId(garden), topicId(kitchen)];
      const found = await bot.client.invoke(new Api.messages.GetForumTopicsByID({ peer, topics: wanted }));
      expect(found.topics.map(({ className, id }) => [className, id])).to.deep.equal([
        ['ForumTopic', topicId(garden)],
        ['ForumTopicDeleted', topicId(kitchen)],
      ]);
    });

    it('refuses topics in a group that is no forum', async () => {
      expect(
        await errorOf(
          bot.client.invoke(new Api.messages.GetForumTopicsByID({ peer: new Api.InputPeerChat({ chatId: bigInt(-TEAM) }), topics: [2] })),
        ),
      ).to.equal('CHANNEL_FORUM_MISSING');
    });
  });
});
