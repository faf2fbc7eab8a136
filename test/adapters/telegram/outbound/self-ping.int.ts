import { expect } from 'chai';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { makeTelegramGateway } from '../../../../src/adapters/telegram/index.ts';
import { makeKept, makeSelfPing, type SelfPing } from '../../../../src/application/index.ts';
import { operatorOnly } from '../../../../src/domain/index.ts';
import { present } from '../../../../src/domain/shared/present.ts';
import { isPortError } from '../../../../src/ports/index.ts';
import { makeRecordingLogger, makeScriptedModel, telegramChat } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';
import { ACCOUNT, ANN, answer, BOT, groupId, onStage, replyTo, type Stage, supergroupId } from '../gateway-stage.ts';

/** A whole Kept on memory, with Telegram for its only door, and nobody let in. */
const living = async (
  stage: Stage,
  operatorChat: number | undefined,
  use: (ping: SelfPing | undefined) => Promise<void>,
): Promise<void> => {
  const storage = makeMemoryStorage();
  const logger = makeRecordingLogger();
  const own = { settings: stage.settings, state: stage.state, clock: systemClock, randomness: systemRandomness, events: logged(logger) };
  const gateway = makeTelegramGateway({
    ...own,
    isOurs: () => false,
    ...present({ operatorChat: operatorChat === undefined ? undefined : telegramChat(operatorChat) }),
  });
  const channel = gateway.selfPingChannel;
  const ping = channel && makeSelfPing({ channel, clock: systemClock, randomness: systemRandomness });
  const kept = makeKept({
    storage,
    changes: storage.changes,
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    policy: operatorOnly('/'),
    model: makeScriptedModel([]),
    gateways: [gateway],
    isOutstandingPing: (message) => ping?.isOutstanding(message) ?? false,
  });
  await kept.start();
  try {
    await use(ping);
  } finally {
    await kept.stop();
  }
};

const said = ({ server }: Stage, viewer: number, chat: number): readonly string[] =>
  server.world.history(viewer, chat).map(({ text }) => text);

describe('The self-ping through Telegram', () => {
  for (const [where, account, operatorChat] of [
    ['to a person’s own Saved Messages', 'user', undefined],
    ['of a bot to its operator', 'bot', ANN],
    ['of a bot in a basic group', 'bot', groupId],
    ['of a bot in a supergroup', 'bot', supergroupId],
  ] as const)
    it(`${where} is delivered, answered, and taken away again`, () =>
      onStage({ account }, async (stage) => {
        const me = account === 'user' ? ACCOUNT : BOT;
        const chat = operatorChat ?? ACCOUNT;
        stage.server.world.sendMessage({ from: ANN, chat: chat === ANN ? BOT : me === ACCOUNT ? ACCOUNT : chat, text: 'hello' });
        await living(stage, operatorChat, async (ping) => {
          expect(await ping?.ping(5_000)).to.be.lessThan(5_000);
          const [asked, answered] = stage.server.sent.items;
          expect(asked).to.include({ userId: me, chat });
          expect(answered).to.include({ userId: me, chat, replyTo: asked?.id });
          expect(answered?.text).to.match(/^pong [\w-]+: healthy/);
          expect([asked, answered].map((each) => each?.message.silent)).to.deep.equal([true, true]);
          await stage.server.calls.until(({ method, outcome }) => /deleteMessages/.test(method) && outcome === 'ok');
          expect(said(stage, me, chat)).to.deep.equal(me === ACCOUNT ? [] : ['hello']);
          await ping?.ping(5_000);
          expect(stage.server.sent.items).to.have.length(4);
        });
        expect(stage.server.calls.items.filter(({ method }) => /[dD]ifference/.test(method)).length, 'no gap is seen').to.be.at.most(3);
      }));

  it('leaves other messages of ours where they are, unanswered', () =>
    onStage({ account: 'user' }, async (stage) => {
      await living(stage, undefined, async (ping) => {
        stage.server.world.sendMessage({ from: ACCOUNT, chat: ACCOUNT, text: 'ping 123' });
        await ping?.ping(5_000);
        await stage.server.calls.until(({ method, outcome }) => /deleteMessages/.test(method) && outcome === 'ok');
        expect(said(stage, ACCOUNT, ACCOUNT)).to.deep.equal(['ping 123']);
      });
    }));

  it('says what Telegram refuses, and leaves to be seen what was not answered', () =>
    onStage({}, async (stage) => {
      await living(stage, groupId, async (ping) => {
        stage.server.faults.fail('messages.sendMessage', 'CHAT_WRITE_FORBIDDEN');
        const refused = await ping?.ping(5_000).catch((error: unknown) => error);
        expect(isPortError(refused) && refused.code).to.equal('invalid-request');
        stage.server.faults.swallow('messages.getMessages', 'before');
        const late = await ping?.ping(300).catch((error: unknown) => error);
        expect(isPortError(late) && late.code).to.equal('timeout');
        expect(said(stage, BOT, groupId)).to.have.length(1);
      });
    }));

  it('that an earlier process left behind is taken away, and its answer when that comes', () =>
    onStage({}, async (stage) => {
      const { server, state } = stage;
      const hold = server.faults.hold('messages.getMessages');
      const dying = await stage.start({ operatorChat: telegramChat(groupId) });
      const lost = dying.gateway.selfPingChannel?.ping('nonce').catch((error: unknown) => error);
      await hold.held;
      await stage.stop(dying);
      hold.release();
      expect(isPortError(await lost)).to.equal(true);
      expect(said(stage, BOT, groupId)).to.deep.equal(['ping nonce']);
      const next = await stage.start({ operatorChat: telegramChat(groupId) });
      await next.until('it is gone', () => said(stage, BOT, groupId).length === 0);
      const [ping] = server.sent.items;
      await next.gateway.send(answer(groupId, 'pong nonce: ok', replyTo(ping?.id ?? 0)));
      expect(server.sent.items).to.have.length(2);
      expect(said(stage, BOT, groupId)).to.deep.equal([]);
      expect((await state.list('ping:')).size).to.equal(0);
    }));

  it('that could not be taken away is by the next process', () =>
    onStage({}, async (stage) => {
      const first = await stage.start({ operatorChat: telegramChat(groupId) });
      await first.gateway.selfPingChannel?.ping('nonce').catch(() => undefined);
      stage.server.faults.fail('messages.deleteMessages', 'INTERNAL');
      await first.gateway.send(answer(groupId, 'pong nonce: ok'));
      expect(said(stage, BOT, groupId)).to.deep.equal(['ping nonce', 'pong nonce: ok']);
      await stage.stop(first);
      const next = await stage.start({ operatorChat: telegramChat(groupId) });
      await next.until('both are gone', () => said(stage, BOT, groupId).length === 0);
    }));

  it('is not to be had by a bot without an operator’s chat; the way to the server is', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      expect(life.gateway.selfPingChannel).to.equal(undefined);
      expect(await life.gateway.pingServer()).to.be.within(0, 5_000);
      expect(Math.abs((await life.gateway.serverTime()) - stage.server.world.state.now() * 1_000)).to.be.lessThan(2_000);
      await stage.server.goDown();
      await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
      const failure = await life.gateway.pingServer().catch((error: unknown) => error);
      expect(isPortError(failure) && failure.code).to.equal('unavailable');
    }));
});
