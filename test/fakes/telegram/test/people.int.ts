import { expect } from 'chai';
import { CustomFile } from 'telegram/client/uploads.js';
import type { MtprotoServer } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient, trust } from './clients.ts';
import { ADA, BOB, BOT, FORUM, SHY_BOT, startForum } from './forum.ts';

const TEAM = -200;

describe('The Telegram server: accounts of people, and their groups', () => {
  let server: MtprotoServer;
  let ada: ProductClient;

  beforeEach(async () => {
    server = await startForum();
    server.world.addGroup({ id: 200, title: 'Team', members: [ADA, BOB, BOT, SHY_BOT] });
    ada = await connectAs(server, ADA);
  });
  afterEach(async () => {
    await ada.client.destroy();
    await server.close();
    server.assertClean();
  });

  it('tells a person their dialogs, history and what they have read', async () => {
    for (let at = 1; at <= 5; at++) server.world.sendMessage({ from: BOB, chat: ADA, text: `dm ${at}` });
    server.world.sendMessage({ from: BOB, chat: TEAM, text: 'team' });
    server.world.sendMessage({ from: BOB, chat: FORUM, text: 'forum' });
    const dialogs = await ada.client.getDialogs({});
    expect(dialogs.map(({ title, unreadCount }) => [title, unreadCount])).to.have.deep.members([
      ['Bob', 5],
      ['Team', 1],
      ['Forum', 1],
    ]);
    const newest = await ada.client.getMessages(BOB, { limit: 2 });
    expect(newest.map(({ message }) => message)).to.deep.equal(['dm 5', 'dm 4']);
    const older = await ada.client.getMessages(BOB, { limit: 2, offsetId: newest[1]?.id ?? 0 });
    expect(older.map(({ message }) => message)).to.deep.equal(['dm 3', 'dm 2']);
    await ada.client.markAsRead(BOB);
    await ada.client.markAsRead(FORUM);
    expect((await ada.client.getDialogs({})).map(({ unreadCount }) => unreadCount)).to.have.members([0, 1, 0]);
  });

  it('keeps one copy of a message that a person writes to themself', async () => {
    const sent = await ada.client.sendMessage('me', { message: 'note' });
    expect(server.sent.items.map(({ chat, text, id }) => [chat, text, id])).to.deep.equal([[ADA, 'note', sent.id]]);
    expect(server.world.history(ADA, ADA)).to.have.length(1);
  });

  it('finds people by name, and tells the members of groups', async () => {
    expect(await ada.client.getEntity('bob_builder')).to.include({ firstName: 'Bob' });
    expect(await ada.client.getEntity('the_forum')).to.include({ title: 'Forum' });
    const unknown: unknown = await ada.client
      .invoke(new Api.contacts.ResolveUsername({ username: 'nobody_here' }))
      .catch((error: unknown) => error);
    expect(unknown).to.include({ errorMessage: 'USERNAME_NOT_OCCUPIED' });
    const members = await ada.client.getParticipants('the_forum', {});
    expect(members.map(({ id }) => id.toJSNumber())).to.have.members([ADA, BOB, BOT, SHY_BOT]);
    const participant = new Api.InputPeerSelf();
    const mine = await ada.client.invoke(new Api.channels.GetParticipant({ channel: 'the_forum', participant }));
    expect(mine.participant).to.be.instanceOf(Api.ChannelParticipantCreator);
  });

  it('sends an album as one group of messages, each under its own random id', async () => {
    await trust(server);
    const picture = (name: string) => new CustomFile(name, 4, '', Buffer.from('jpeg'));
    server.world.sendMessage({ from: BOB, chat: ADA, text: 'send me pictures' });
    await ada.until(() => ada.texts().length === 1);
    await ada.client.sendFile(BOB, { file: [picture('a.jpg'), picture('b.jpg')], caption: ['one', 'two'] });
    expect(server.sent.items.map(({ text, media }) => [text, media?._])).to.deep.equal([
      ['one', 'messageMediaPhoto'],
      ['two', 'messageMediaPhoto'],
    ]);
    expect(new Set(server.sent.items.map(({ message }) => message.groupedId)).size).to.equal(1);
  });

  it('delivers mentions, replies, forwards, service messages and reactions as such', async () => {
    const first = await ada.client.sendMessage('the_forum', { message: 'a question' });
    const question = server.world.message(ADA, FORUM, first.id);
    if (!question) throw new Error('no question');
    server.world.sendMessage({ from: BOB, chat: FORUM, text: 'an answer', replyTo: question });
    server.world.sendMessage({ from: BOB, chat: FORUM, text: 'hey @ada_lovelace' });
    server.world.sendMessage({ from: BOB, chat: FORUM, forward: question });
    server.world.sendMessage({ from: BOB, chat: FORUM, action: { _: 'messageActionPinMessage' }, replyTo: question });
    server.world.react(BOB, question, '👍');
    await ada.until(() => ada.updates.some((update) => update instanceof Api.UpdateMessageReactions));
    const messages = ada.updates.flatMap((update) => (update instanceof Api.UpdateNewChannelMessage ? [update.message] : []));
    const seen = messages.map((message) =>
      message instanceof Api.Message
        ? [
            message.mentioned ?? false,
            message.replyTo instanceof Api.MessageReplyHeader ? message.replyTo.replyToMsgId : undefined,
            message.fwdFrom?.date,
          ]
        : message.className,
    );
    expect(seen).to.deep.equal([
      [true, first.id, undefined],
      [true, undefined, undefined],
      [false, undefined, question.date],
      'MessageService',
    ]);
  });

  it('tells a bot of reactions under their own count, and again in a difference', async () => {
    await using bot = await connectAs(server, BOT);
    const message = server.world.sendMessage({ from: ADA, chat: BOT, text: 'hi' });
    server.world.react(ADA, message, '🎉');
    await bot.until(() => bot.updates.some((update) => update instanceof Api.UpdateBotMessageReaction));
    const difference = await bot.client.invoke(new Api.updates.GetDifference({ pts: 1, qts: 1, date: server.world.state.now() }));
    if (!(difference instanceof Api.updates.Difference)) throw new Error(difference.className);
    expect(difference.newMessages).to.have.length(1);
    expect(difference.otherUpdates.map(({ className }) => className)).to.include('UpdateBotMessageReaction');
  });

  it('hides other bots from a bot, and in privacy mode all that is not for it', async () => {
    await using open = await connectAs(server, BOT);
    await using shy = await connectAs(server, SHY_BOT);
    for (const chat of [TEAM, FORUM]) {
      server.world.sendMessage({ from: ADA, chat, text: 'small talk' });
      server.world.sendMessage({ from: SHY_BOT, chat, text: 'a bot speaks' });
      server.world.sendMessage({ from: ADA, chat, text: '@shy_bot are you there?' });
    }
    await shy.until(() => shy.texts().length === 4);
    await open.until(() => open.texts().length === 4);
    /* Its own messages arrive too, as in any other session of the account. */
    expect(new Set(shy.texts())).to.deep.equal(new Set(['a bot speaks', '@shy_bot are you there?']));
    expect(open.texts()).to.not.include('a bot speaks');
  });

  it('tells one session of an account what another one did', async () => {
    await using second = await connectAs(server, ADA);
    await ada.client.sendMessage('the_forum', { message: 'from the first' });
    await second.until(() => second.texts().includes('from the first'));
    expect(ada.texts()).to.deep.equal([]);
  });

  it('expires references to files, and renews them with the message', async () => {
    await trust(server);
    const message = server.world.sendMessage({
      from: BOB,
      chat: ADA,
      text: 'see',
      media: { document: Buffer.alloc(2048, 1), name: 'a.bin' },
    });
    await ada.until(() => ada.texts().length === 1);
    const look = async () => (await ada.client.getMessages(BOB, { ids: [server.world.messageId(message, ADA)] }))[0];
    const location = async () => {
      const media = (await look())?.media;
      if (!(media instanceof Api.MessageMediaDocument) || !(media.document instanceof Api.Document)) throw new Error('no document');
      const { id, accessHash, fileReference } = media.document;
      return new Api.InputDocumentFileLocation({ id, accessHash, fileReference, thumbSize: '' });
    };
    const old = await location();
    server.world.expireFileReferences();
    const read = (from: Api.InputDocumentFileLocation) =>
      ada.client.invoke(new Api.upload.GetFile({ location: from, offset: bigInt(0), limit: 4096 }));
    expect(await read(old).catch((error: unknown) => error)).to.include({ errorMessage: 'FILE_REFERENCE_EXPIRED' });
    expect(await read(await location())).to.be.instanceOf(Api.upload.File);
  });

  it('accepts thousands of messages, the last as fast as the first', async () => {
    const batch = async (upTo: number): Promise<number> => {
      const from = performance.now();
      for (let at = ada.texts().length; at < upTo; at++) server.world.sendMessage({ from: BOB, chat: at % 2 ? ADA : FORUM, text: `${at}` });
      await ada.until(() => ada.texts().length === upTo);
      return performance.now() - from;
    };
    const times = [await batch(400), await batch(800), await batch(1200), await batch(1600), await batch(2000)];
    // Work that grows with the square of their number would take nine times as long.
    expect(Math.min(...times.slice(2)), `${times.map(Math.round)} ms`).to.be.below(5 * Math.max(...times.slice(0, 2)));
  }).timeout(120_000);
});
