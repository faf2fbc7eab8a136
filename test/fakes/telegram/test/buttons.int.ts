import { expect } from 'chai';
import { buttonsOf, type MtprotoServer } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient } from './clients.ts';
import { ADA, BOB, BOT, FORUM, startForum } from './forum.ts';

const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
  const failure: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure instanceof Error && 'errorMessage' in failure ? failure.errorMessage : failure;
};

const markup = (...data: readonly (string | Buffer)[]): Api.ReplyInlineMarkup =>
  new Api.ReplyInlineMarkup({
    rows: [
      new Api.KeyboardInlineButtonRow({
        buttons: data.map(
          (each) => new Api.KeyboardInlineButton({ text: 'Yes', type: new Api.InlineButtonTypeCallback({ data: Buffer.from(each) }) }),
        ),
      }),
    ],
  });

/** https://core.telegram.org/api/bots/buttons */
describe('The Telegram server: buttons', () => {
  let server: MtprotoServer;
  let ada: ProductClient;
  let bot: ProductClient;
  let lastRandomId = 70;

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

  const send = async ({ client }: ProductClient, replyMarkup: Api.TypeReplyMarkup) =>
    client.invoke(
      new Api.messages.SendMessage({
        peer: await client.getInputEntity('the_forum'),
        message: 'May it run?',
        randomId: bigInt(String(++lastRandomId)),
        replyMarkup,
      }),
    );
  const sent = async () => {
    await send(bot, markup('a:1', 'd:1'));
    const { message } = await server.sent.until(({ text }) => text === 'May it run?');
    return message;
  };
  const answer = ({ client }: ProductClient, queryId: bigint, message: string) =>
    client.invoke(new Api.messages.SetBotCallbackAnswer({ queryId: bigInt(queryId.toString()), message, cacheTime: 0 }));

  it('are seen by others, and gone with an edit that brings none', async () => {
    const message = await sent();
    expect(buttonsOf(message)).to.deep.equal([
      { label: 'Yes', data: 'a:1' },
      { label: 'Yes', data: 'd:1' },
    ]);
    await ada.until(() => ada.updates.some((update) => update instanceof Api.UpdateNewChannelMessage));
    const seen = ada.updates.find((update) => update instanceof Api.UpdateNewChannelMessage)?.message;
    expect(seen instanceof Api.Message && seen.replyMarkup?.className).to.equal('ReplyInlineMarkup');
    const edit = async (replyMarkup?: Api.TypeReplyMarkup) =>
      bot.client.invoke(
        new Api.messages.EditMessage({
          peer: await bot.client.getInputEntity('the_forum'),
          id: server.world.messageId(message, BOT),
          message: 'May it run?',
          ...(replyMarkup ? { replyMarkup } : {}),
        }),
      );
    expect(await errorOf(edit(markup('a:1', 'd:1')))).to.equal('MESSAGE_NOT_MODIFIED');
    await edit();
    expect(buttonsOf(message)).to.deep.equal([]);
    expect(await errorOf(edit())).to.equal('MESSAGE_NOT_MODIFIED');
  });

  it('are refused of people, without data, and with more than 64 bytes of it', async () => {
    expect(await errorOf(send(ada, markup('a:1')))).to.equal('REPLY_MARKUP_INVALID');
    expect(await errorOf(send(bot, markup('')))).to.equal('BUTTON_DATA_INVALID');
    expect(await errorOf(send(bot, markup('x'.repeat(65))))).to.equal('BUTTON_DATA_INVALID');
    expect(await errorOf(send(bot, markup()))).to.equal('REPLY_MARKUP_INVALID');
    await send(bot, markup('x'.repeat(64)));
  });

  it('tell the bot of a tap, which it answers once', async () => {
    const message = await sent();
    const query = server.world.tap({ from: BOB, message, data: 'a:1' });
    await bot.until(() => bot.updates.some((update) => update instanceof Api.UpdateBotCallbackQuery));
    const told = bot.updates.find((update) => update instanceof Api.UpdateBotCallbackQuery);
    expect(told?.data?.toString()).to.equal('a:1');
    expect(Number(told?.userId)).to.equal(BOB);
    expect(told?.msgId).to.equal(server.world.messageId(message, BOT));
    expect(await errorOf(answer(ada, query, 'Yes.'))).to.equal('USER_BOT_REQUIRED');
    expect(await errorOf(answer(bot, query + 1n, 'Yes.'))).to.equal('QUERY_ID_INVALID');
    expect(await errorOf(answer(bot, query, 'x'.repeat(201)))).to.equal('MESSAGE_TOO_LONG');
    await answer(bot, query, 'Yes.');
    expect(await errorOf(answer(bot, query, 'Yes.'))).to.equal('QUERY_ID_INVALID');
    expect(server.answered.items).to.deep.equal([{ userId: BOT, queryId: query, text: 'Yes.', alert: false }]);
  });

  it('are tapped by nobody who does not have the message', async () => {
    const message = await sent();
    server.world.removeMember(FORUM, BOB);
    server.world.deleteMessages(message);
    expect(() => server.world.tap({ from: ADA, message, data: 'a:1' })).to.throw('MESSAGE_ID_INVALID');
    expect(() => server.world.tap({ from: BOT, message, data: 'a:1' })).to.throw('BOT_METHOD_INVALID');
  });

  it('are told of with a tap that is forged, whoever makes it', async () => {
    const message = await sent();
    const told: (string | undefined)[] = [];
    server.answered.follow(({ text }) => told.push(text));
    const query = server.world.tap({ from: BOT, message, data: 'a:1', isForged: true });
    await bot.until(() => bot.updates.some((update) => update instanceof Api.UpdateBotCallbackQuery));
    const update = bot.updates.find((each) => each instanceof Api.UpdateBotCallbackQuery);
    expect(Number(update?.userId)).to.equal(BOT);
    await answer(bot, query, 'No.');
    expect(told).to.deep.equal(['No.']);
  });
});
