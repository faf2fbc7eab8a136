import { expect } from 'chai';
import { UpdateConnectionState } from 'telegram/network/index.js';
import { type MtprotoServer, startMtprotoServer } from '../index.ts';
import { Api, bigInt, connectAs, type ProductClient } from './clients.ts';

const BOT = 7000;
const ADA = 1001;
const FORUM = -1_001_500_000_300;

describe('The Telegram server: faults', () => {
  let server: MtprotoServer;
  let bot: ProductClient;

  beforeEach(async () => {
    server = await startMtprotoServer();
    server.world.addUser({ id: BOT, username: 'kept_bot', isBot: true, token: '7000:x' });
    server.world.addUser({ id: ADA, username: 'ada_lovelace', firstName: 'Ada' });
    server.world.addSupergroup({ id: 1_500_000_300, title: 'Forum', members: [ADA, BOT] });
    bot = await connectAs(server, BOT);
    server.world.sendMessage({ from: ADA, chat: BOT, text: 'hello' });
    await bot.until(() => bot.texts().length === 1);
  });
  afterEach(async () => {
    await bot.client.destroy();
    await server.close();
    server.assertClean();
  });

  const say = (text: string) => server.world.sendMessage({ from: ADA, chat: BOT, text });
  const send = async (message: string, randomId = message.length) =>
    bot.client.invoke(new Api.messages.SendMessage({ peer: await bot.client.getInputEntity(ADA), message, randomId: bigInt(randomId) }));
  const errorOf = async (call: Promise<unknown>): Promise<string> => {
    const error: unknown = await call.then(
      () => new Error('no error'),
      (thrown: unknown) => thrown,
    );
    return error instanceof Error && 'errorMessage' in error ? String(error.errorMessage) : String(error);
  };

  it('lets a method fail as often as planned, with any error', async () => {
    server.faults.fail('messages.sendMessage', 'FLOOD_WAIT_7', 2);
    server.faults.fail('messages.sendMessage', 'SLOWMODE_WAIT_3');
    const flood: unknown = await send('a').catch((error: unknown) => error);
    expect(flood).to.include({ seconds: 7 });
    expect(await errorOf(send('a'))).to.match(/FLOOD/);
    expect(await errorOf(send('a'))).to.match(/SLOWMODE_WAIT/);
    await send('a');
    expect(server.sent.items.map(({ text }) => text)).to.deep.equal(['a']);
    expect(server.calls.items.filter(({ method }) => method === 'messages.sendMessage').map(({ outcome }) => outcome)).to.deep.equal([
      'FLOOD_WAIT_7',
      'FLOOD_WAIT_7',
      'SLOWMODE_WAIT_3',
      'ok',
    ]);
  });

  it('fails a call that waits for a failed one with MSG_WAIT_FAILED', async () => {
    server.faults.fail('messages.sendMessage', 'FLOOD_WAIT_7');
    const both = [errorOf(send('first')), errorOf(send('the second'))];
    expect((await both[0])?.includes('FLOOD')).to.equal(true);
    await both[1];
    const outcomes = server.calls.items.filter(({ method }) => method === 'messages.sendMessage').map(({ outcome }) => outcome);
    expect(outcomes.slice(0, 2)).to.deep.equal(['FLOOD_WAIT_7', 'MSG_WAIT_FAILED']);
  });

  it('executes a call once that the client repeats after a connection was cut before it', async () => {
    server.faults.cutBefore('messages.sendMessage');
    await send('once');
    expect(server.sent.items.map(({ text }) => text)).to.deep.equal(['once']);
  });

  it('keeps the message of a call whose connection was cut after it, and refuses the repeat of its random id', async () => {
    server.faults.cutAfter('messages.sendMessage');
    const outcome = await errorOf(send('once'));
    expect(outcome).to.include('unsuccessful');
    expect(server.sent.items.map(({ text }) => text)).to.deep.equal(['once']);
    expect(server.calls.items.filter(({ method }) => method === 'messages.sendMessage').map((call) => call.outcome)).to.deep.equal([
      'ok',
      'RANDOM_ID_DUPLICATE',
    ]);
  });

  it('answers the repeat of a random id with the original message, where it is told to', async () => {
    server.answerRepeatsWith('original');
    server.faults.cutAfter('messages.sendMessage');
    const sent = await send('once');
    // https://core.telegram.org/method/messages.sendMessage says nothing of it; this is what servers have been seen to
    // answer.
    const [named, message] = sent instanceof Api.Updates ? sent.updates : [];
    expect(named).to.be.instanceOf(Api.UpdateMessageID).and.include({ id: server.sent.items[0]?.id });
    expect(message).to.be.instanceOf(Api.UpdateNewMessage).and.include({ ptsCount: 0 });
    expect(server.sent.items).to.have.length(1);
  });

  it('holds a call until it is released', async () => {
    const hold = server.faults.hold('messages.sendMessage');
    const sending = send('held');
    await hold.held;
    expect(server.sent.items).to.have.length(0);
    hold.release();
    await sending;
    const late = server.faults.hold('messages.sendMessage', 'after');
    const other = send('answered late');
    await late.held;
    expect(server.sent.items).to.have.length(2);
    late.release();
    await other;
  });

  it('never sends a swallowed reply, on a connection that goes on', async () => {
    server.faults.swallow('messages.sendMessage', 'after');
    let settled = false;
    const sending = send('swallowed').finally(() => {
      settled = true;
    });
    await server.sent.untilCount(1);
    await bot.client.invoke(new Api.help.GetNearestDc());
    expect(settled).to.equal(false);
    expect(server.connections()).to.equal(1);
    sending.catch(() => undefined);
  });

  it('sends updates twice, of which the client tells its handlers once', async () => {
    server.faults.duplicateUpdates(1);
    say('twice');
    say('after');
    await bot.until(() => bot.texts().includes('after'));
    expect(bot.texts()).to.deep.equal(['hello', 'twice', 'after']);
  });

  it('sends updates in the wrong order, which the client puts right', async () => {
    server.faults.reverseUpdates(3);
    for (const text of ['one', 'two', 'three']) say(text);
    await bot.until(() => bot.texts().length === 4);
    expect(bot.texts()).to.deep.equal(['hello', 'one', 'two', 'three']);
  });

  it('tells withheld updates of an account in its difference', async () => {
    server.faults.withholdUpdates(2);
    say('lost one');
    say('lost two');
    say('seen');
    await bot.until(() => bot.texts().length === 4);
    expect(bot.texts()).to.deep.equal(['hello', 'lost one', 'lost two', 'seen']);
    expect(server.calls.items.map(({ method }) => method)).to.include('updates.getDifference');
  });

  it('tells withheld updates of a supergroup in the difference of that group', async () => {
    const post = (text: string) => server.world.sendMessage({ from: ADA, chat: FORUM, text });
    post('seen');
    await bot.until(() => bot.texts().includes('seen'));
    server.faults.withholdUpdates(1);
    post('lost');
    post('last');
    await bot.until(() => bot.texts().length === 4);
    expect(bot.texts()).to.deep.equal(['hello', 'seen', 'lost', 'last']);
    expect(server.calls.items.map(({ method }) => method)).to.include('updates.getChannelDifference');
  });

  it('tells what was missed in an outage, in slices', async () => {
    server.rules.limit = 3;
    await server.goDown();
    expect(server.connections()).to.equal(0);
    for (let at = 0; at < 10; at++) say(`missed ${at}`);
    await server.comeUp();
    await bot.until(() => bot.texts().length === 11);
    expect(bot.texts().slice(1)).to.deep.equal(Array.from({ length: 10 }, (_, at) => `missed ${at}`));
    const slices = server.calls.items.filter(({ method, outcome }) => method === 'updates.getDifference' && outcome === 'ok');
    expect(slices).to.have.length.within(4, 6);
  });

  it('sends the difference of a supergroup in parts of the size that is set', async () => {
    server.rules.channelLimit = 2;
    const post = (text: string) => server.world.sendMessage({ from: ADA, chat: FORUM, text });
    post('0');
    await bot.until(() => bot.texts().length === 2);
    server.faults.withholdUpdates(4);
    for (const text of ['1', '2', '3', '4', '5']) post(text);
    await bot.until(() => bot.texts().length === 7);
    expect(bot.texts().slice(1)).to.deep.equal(['0', '1', '2', '3', '4', '5']);
  });

  it('answers that a difference is too long', async () => {
    say('more');
    server.rules.tooLong = true;
    server.rules.channelTooLong = true;
    const common = await bot.client.invoke(new Api.updates.GetDifference({ pts: 1, qts: 1, date: 1 }));
    expect(common).to.be.instanceOf(Api.updates.DifferenceTooLong);
    server.world.sendMessage({ from: ADA, chat: FORUM, text: 'post' });
    await bot.until(() => bot.texts().includes('post'));
    const channel = await bot.client.getInputEntity(FORUM);
    const filter = new Api.ChannelMessagesFilterEmpty();
    const difference = await bot.client.invoke(new Api.updates.GetChannelDifference({ channel, filter, pts: 1, limit: 100 }));
    expect(difference).to.be.instanceOf(Api.updates.ChannelDifferenceTooLong);
  });

  describe('the difference of a group that is far behind', () => {
    const channelDifference = async (pts: number, limit: number) => {
      const channel = await bot.client.getInputEntity(FORUM);
      return bot.client.invoke(new Api.updates.GetChannelDifference({ channel, filter: new Api.ChannelMessagesFilterEmpty(), pts, limit }));
    };
    beforeEach(async () => {
      for (let at = 0; at < 150; at++) server.world.sendMessage({ from: ADA, chat: FORUM, text: `${at}` });
      await bot.until(() => bot.texts().includes('149'));
    });

    it('tells everything up to the limit', async () => {
      expect(await channelDifference(1, 100)).to.include({ className: 'updates.ChannelDifference', final: false, pts: 101 });
      expect(await channelDifference(1, 100_000)).to.include({ className: 'updates.ChannelDifference', final: true, pts: 151 });
    });

    it('is too long where more is missing than the limit, if the limit decides', async () => {
      server.rules.channelTooLongBy = 'limit';
      expect(await channelDifference(50, 100)).to.be.instanceOf(Api.updates.ChannelDifferenceTooLong);
      expect(await channelDifference(51, 100)).to.be.instanceOf(Api.updates.ChannelDifference);
      expect(await channelDifference(1, 100_000)).to.be.instanceOf(Api.updates.ChannelDifference);
    });
  });

  it('answers FLOOD_WAIT beyond the budget of a method, and lengthens it for calls within the wait', async () => {
    server.faults.limit('help.getNearestDc', { calls: 2, withinMs: 60_000, wait: 7 });
    const ask = () => errorOf(bot.client.invoke(new Api.help.GetNearestDc()));
    expect(await ask()).to.equal('Error: no error');
    expect(await ask()).to.equal('Error: no error');
    for (let time = 0; time < 3; time++) await ask();
    const outcomes = server.calls.items.filter(({ method }) => method === 'help.getNearestDc').map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(['ok', 'ok', 'FLOOD_WAIT_7', 'FLOOD_WAIT_14', 'FLOOD_WAIT_21']);
    expect(server.calls.tally(({ method }) => method)['help.getNearestDc']).to.equal(5);
    server.faults.clear();
    expect(await ask()).to.equal('Error: no error');
  });

  it('delays each call by the round trip, without making calls wait for each other', async () => {
    server.faults.roundTripMs = 100;
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 5 }, () => bot.client.invoke(new Api.help.GetNearestDc())));
    expect(performance.now() - startedAt).to.be.within(95, 450);
  });

  it('goes silent on one connection, and serves the next one', async () => {
    server.faults.silent = true;
    const sending = send('unheard');
    server.faults.silent = false;
    server.cutConnections();
    await sending;
    expect(server.sent.items).to.have.length(1);
  });

  it('answers AUTH_KEY_UNREGISTERED to a revoked login', async () => {
    server.revoke(BOT);
    expect(await errorOf(send('no'))).to.equal('AUTH_KEY_UNREGISTERED');
  });

  it('tells a client that its key is forgotten, so that it drops the key', async () => {
    server.forgetKeys();
    const sending = send('lost');
    sending.catch(() => undefined);
    await bot.until(() =>
      bot.updates.some((update: object) => update instanceof UpdateConnectionState && update.state === UpdateConnectionState.broken),
    );
    expect(server.sent.items).to.have.length(0);
  });

  it('makes a client repeat one message after the salt changed, and nothing else', async () => {
    server.refusals.clear();
    server.rotateSalt();
    await send('salted');
    expect(new Set(server.refusals.items)).to.deep.equal(new Set([48]));
    say('still here');
    await bot.until(() => bot.texts().includes('still here'));
    expect(server.sent.items).to.have.length(1);
  });

  it('fails the test after a call of a method that does not exist here', async () => {
    expect(await errorOf(bot.client.invoke(new Api.help.GetSupport()))).to.equal('INPUT_METHOD_INVALID');
    expect(() => server.assertClean()).to.throw('no method help.getSupport');
    await server.close();
    server = await startMtprotoServer();
  });
});
