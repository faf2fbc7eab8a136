import { expect } from 'chai';
import { telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import { ANN, answer, BOT, groupId, onStage, supergroupId } from '../gateway-stage.ts';

describe('State that an earlier version of the Telegram gateway has stored', () => {
  it('says which sends arrived, which drafts stand, and what groups have become', () =>
    onStage({}, async (stage) => {
      const { server, state } = stage;
      const at = Date.now();
      const draft = server.world.sendMessage({ from: BOT, chat: ANN, text: 'It is' });
      const draftId = server.world.messageId(draft, BOT);
      await state.set(
        new Map([
          ['account', String(BOT)],
          ['sent:-9100000000000000001', JSON.stringify({ chatId: ANN, messageId: 77, isFinal: true, at })],
          ['sent:42', JSON.stringify({ chatId: ANN, messageId: draftId, isFinal: false, replyTo: 3, at })],
          ['sent-as:43', JSON.stringify({ messageId: 78, at })],
          [`moved:${groupId}`, String(supergroupId)],
        ]),
      );
      const life = await stage.start();
      expect(await life.gateway.send(answer(ANN, 'sent', { deliveryKey: '-9100000000000000001' }))).to.equal(telegramMessage(77));
      expect(await life.gateway.send(answer(ANN, 'told of', { deliveryKey: '43' }))).to.equal(telegramMessage(78));
      expect(await life.gateway.send(answer(ANN, 'It is forty-two.', { deliveryKey: '42' }))).to.equal(telegramMessage(draftId));
      expect(server.world.history(BOT, ANN).map(({ text }) => text)).to.deep.equal(['It is forty-two.']);
      expect(server.sent.items).to.deep.equal([]);
      await life.gateway.showTyping(telegramChat(groupId));
      expect(server.typing.items.map(({ chat }) => chat)).to.deep.equal([supergroupId]);
    }));
});
