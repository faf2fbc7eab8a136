import { expect } from 'chai';
import type { MtprotoServer } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient } from './clients.ts';
import { ADA, BOB, BOT, FORUM, SHY_BOT, startForum } from './forum.ts';

const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
  const failure: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure instanceof Error && 'errorMessage' in failure ? failure.errorMessage : failure;
};

const inner = (updates: Api.TypeUpdates): readonly Api.TypeUpdate[] => (updates instanceof Api.Updates ? updates.updates : []);
const namesOf = (updates: Api.TypeUpdates): readonly string[] => inner(updates).map(({ className }) => className);

/** https://core.telegram.org/method/messages.sendReaction, https://core.telegram.org/bots/features#privacy-mode */
describe('The Telegram server: reactions and hidden messages', () => {
  let server: MtprotoServer;
  let ada: ProductClient;
  let bot: ProductClient;

  beforeEach(async () => {
    server = await startForum();
    ada = await connectAs(server, ADA);
    bot = await connectAs(server, BOT);
  });
  afterEach(async () => {
    await ada.client.destroy();
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  const react = async ({ client }: ProductClient, peer: string, msgId: number, emoticon = '👀') =>
    client.invoke(
      new Api.messages.SendReaction({ peer: await client.getInputEntity(peer), msgId, reaction: [new Api.ReactionEmoji({ emoticon })] }),
    );

  it('tells a reaction as a hidden edit with a number, in the result and to all others', async () => {
    const message = server.world.sendMessage({ from: BOB, chat: FORUM, text: 'a question' });
    const before = message.chat.kind === 'supergroup' ? message.chat.log.pts : 0;
    const told = await react(bot, 'the_forum', server.world.messageId(message, BOT));
    expect(namesOf(told)).to.deep.equal(['UpdateEditChannelMessage', 'UpdateMessageReactions']);
    const [edit] = inner(told);
    expect(edit).to.include({ pts: before + 1, ptsCount: 1 });
    const changed = edit instanceof Api.UpdateEditChannelMessage && edit.message instanceof Api.Message ? edit.message : undefined;
    expect([changed?.editHide, changed?.message]).to.deep.equal([true, 'a question']);
    await ada.until(() => ada.updates.some((update) => update instanceof Api.UpdateEditChannelMessage));
    expect(ada.updates.some((update) => update instanceof Api.UpdateMessageReactions)).to.equal(true);
  });

  it('answers a reaction in a bot’s direct chat with nothing, and moves no count of the bot', async () => {
    const message = server.world.sendMessage({ from: ADA, chat: BOT, text: 'hi' });
    await bot.until(() => bot.texts().length === 1);
    const before = (await bot.client.invoke(new Api.updates.GetState())).pts;
    expect(namesOf(await react(bot, 'ada_lovelace', server.world.messageId(message, BOT)))).to.deep.equal([]);
    expect((await bot.client.invoke(new Api.updates.GetState())).pts).to.equal(before);
    await ada.until(() => ada.updates.some((update) => update instanceof Api.UpdateEditMessage));
  });

  it('refuses a reaction that is there already, and one that the group does not allow', async () => {
    const id = server.world.messageId(server.world.sendMessage({ from: BOB, chat: FORUM, text: 'a question' }), BOT);
    await react(bot, 'the_forum', id);
    expect(await errorOf(react(bot, 'the_forum', id))).to.equal('MESSAGE_NOT_MODIFIED');
    server.world.allowReactions(FORUM, ['👍']);
    expect(await errorOf(react(bot, 'the_forum', id, '🎉'))).to.equal('REACTION_INVALID');
  });

  it('keeps showing an edit after reactions to it', async () => {
    const message = server.world.sendMessage({ from: BOB, chat: FORUM, text: 'frist' });
    server.world.editMessage(message, 'first');
    const [edit] = inner(await react(bot, 'the_forum', server.world.messageId(message, BOT)));
    const changed = edit instanceof Api.UpdateEditChannelMessage && edit.message instanceof Api.Message ? edit.message : undefined;
    expect(changed?.editHide ?? false).to.equal(false);
  });

  it('hides messages from a bot in privacy mode by number, edit and difference, unless it is an admin', async () => {
    await using shy = await connectAs(server, SHY_BOT);
    const message = server.world.sendMessage({ from: ADA, chat: FORUM, text: 'small talk' });
    server.world.react(BOB, message, '❤');
    const id = server.world.messageId(message, ADA);
    const channel = new Api.InputChannel({ channelId: bigInt(1_500_000_300), accessHash: bigInt(0) });
    const look = async () => {
      const found = await shy.client.invoke(new Api.channels.GetMessages({ channel, id: [new Api.InputMessageID({ id })] }));
      const filter = new Api.ChannelMessagesFilterEmpty();
      const missed = await shy.client.invoke(new Api.updates.GetChannelDifference({ channel, filter, pts: 1, limit: 100 }));
      return [
        found instanceof Api.messages.ChannelMessages && found.messages[0]?.className,
        missed.className,
        'pts' in missed && missed.pts,
      ];
    };
    expect(await look()).to.deep.equal(['MessageEmpty', 'updates.ChannelDifferenceEmpty', 3]);
    expect(shy.updates.flatMap(({ className }) => className ?? [])).to.deep.equal([]);
    server.world.setMember(FORUM, SHY_BOT, { role: 'admin' });
    expect(await look()).to.deep.equal(['Message', 'updates.ChannelDifference', 3]);
  });
});
