import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { makeTelegramGateway } from '../../../../src/adapters/telegram/index.ts';
import { isPortError } from '../../../../src/ports/index.ts';
import { ANN, answer, BOT, onStage, replyTo, supergroupId } from '../gateway-stage.ts';

describe('Telegram, before it is connected', () => {
  // The outbox is worked off from the first moment of a process: what it holds must wait, and not be given up.
  for (const account of ['bot', 'user'] as const)
    for (const [where, chat] of [
      ['a person', ANN],
      ['a supergroup', supergroupId],
    ] as const)
      it(`a ${account}'s message to ${where} is refused for now, not for good`, () =>
        onStage({ account }, async ({ state, settings }) => {
          const gateway = makeTelegramGateway({
            settings,
            state,
            clock: systemClock,
            randomness: systemRandomness,
            isOurs: () => false,
          });
          const failure = await gateway.send(answer(chat, 'left over from yesterday')).catch((error: unknown) => error);
          expect(isPortError(failure) && [failure.code, failure.retryable]).to.deep.equal(['unavailable', true]);
        }));

  it('a draft that grows on takes nothing from what is known of it: the answer stands in its place, and it is gone', () =>
    onStage({}, async ({ server, start, stop }) => {
      const { world } = server;
      const first = await start();
      const [one, two] = ['first', 'second'].map((text) => world.sendMessage({ from: ANN, chat: BOT, text }));
      await first.untilReceived('first', 'second');
      const toOne = replyTo(one ? world.messageId(one, BOT) : 0);
      const toTwo = replyTo(two ? world.messageId(two, BOT) : 0);
      const { deliveryKey: randomId, chatId } = answer(ANN, '');
      // The draft arrives, and the process dies before it hears of it.
      server.faults.swallow('messages.sendMessage', 'after');
      await first.gateway.showDraft({ chatId, deliveryKey: randomId, text: 'It', ...toOne }).catch(() => undefined);
      await stop(first);
      server.rules.namesSent = false;
      await server.goDown();
      const second = await start();
      await second.gateway.showDraft({ chatId, deliveryKey: randomId, text: 'It is', ...toTwo }).catch(() => undefined);
      await server.comeUp();
      await second.until('connected', () => second.gateway.health().status === 'ok');
      await second.gateway.send({ chatId, deliveryKey: randomId, text: 'It is so.', ...toTwo });
      const said = world.history(BOT, ANN).filter(({ from, deleted }) => from === BOT && !deleted);
      expect(said.map(({ text }) => text)).to.deep.equal(['It is so.']);
    }));
});
