import { expect } from 'chai';
import { isPortError } from '../../../../src/ports/index.ts';
import { ANN, answer, BOT, delivered, groupId, type Life, onStage, type Stage, supergroupId } from '../gateway-stage.ts';

const calls = ({ server }: Stage, ...methods: readonly string[]): number =>
  server.calls.items.filter(({ method }) => methods.includes(method)).length;
const lookups = (stage: Stage): number => calls(stage, 'messages.getMessages', 'channels.getMessages');

/** The answer to the send is lost with the connection. */
const sendInVain = async ({ server }: Stage, life: Life, message: ReturnType<typeof answer>): Promise<void> => {
  server.faults.cutAfter('messages.sendMessage');
  const failure = await life.gateway.send(message).catch((error: unknown) => error);
  expect(isPortError(failure) && failure.retryable, 'the send is lost').to.equal(true);
};

/** Ann says it in the chat, and it came in: so did everything before it. */
const heard = async ({ server }: Stage, life: Life, chat: number, text: string): Promise<void> => {
  server.world.sendMessage({ from: ANN, chat: chat === ANN ? BOT : chat, text });
  await life.untilReceived(text);
};

describe('A send to Telegram whose answer is lost', () => {
  for (const [where, chat] of [
    ['a direct message', ANN],
    ['a basic group', groupId],
    ['a supergroup', supergroupId],
  ] as const)
    it(`in ${where} is known from the difference that tells of it: it is not sent again, and not looked for`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await heard(stage, life, chat, 'hello');
        const message = answer(chat, 'Done.');
        await sendInVain(stage, life, message);
        // It says the same, and comes later: whoever looks for the text finds it.
        await life.until('connected', () => life.gateway.health().status === 'ok');
        await heard(stage, life, chat, 'and now?');
        await life.gateway.send(answer(chat, 'Done.'));
        const [sends, looked] = [calls(stage, 'messages.sendMessage'), lookups(stage)];
        expect(await delivered(life, message)).to.equal(stage.server.sent.items[0]?.id);
        expect(calls(stage, 'messages.sendMessage')).to.equal(sends);
        expect(lookups(stage)).to.equal(looked);
        expect(stage.server.sent.items).to.have.length(2);
      }));

  it('is known to the next process, whose predecessor was told of it', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      await heard(stage, first, supergroupId, 'hello');
      const message = answer(supergroupId, 'Done.');
      await sendInVain(stage, first, message);
      await first.until('connected', () => first.gateway.health().status === 'ok');
      await heard(stage, first, supergroupId, 'and now?');
      await stage.stop(first);
      const second = await stage.start();
      const sends = calls(stage, 'messages.sendMessage');
      expect(await delivered(second, message)).to.equal(stage.server.sent.items[0]?.id);
      expect(calls(stage, 'messages.sendMessage')).to.equal(sends);
      expect((await stage.state.list('sent-as:')).size, 'it stands in the record of the send by then').to.equal(0);
    }));

  it('of a draft is known: the answer takes its place, and nothing is sent anew', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      await heard(stage, life, ANN, 'hello');
      const message = answer(ANN, 'the whole answer');
      stage.server.faults.cutAfter('messages.sendMessage');
      const draft = { chatId: message.chatId, text: 'the', deliveryKey: message.deliveryKey };
      await life.gateway.showDraft(draft).catch(() => undefined);
      await life.until('connected', () => life.gateway.health().status === 'ok');
      await heard(stage, life, ANN, 'and now?');
      const sends = calls(stage, 'messages.sendMessage');
      await life.gateway.send(message);
      expect(calls(stage, 'messages.sendMessage')).to.equal(sends);
      expect(stage.server.sent.items.map(({ message }) => message.text)).to.deep.equal(['the whole answer']);
    }));

  it('moves nothing where a repeat is answered with the original: no difference is asked for', () =>
    onStage({}, async (stage) => {
      stage.server.answerRepeatsWith('original');
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      await heard(stage, life, supergroupId, 'hello');
      const message = answer(supergroupId, 'Done.');
      await sendInVain(stage, life, message);
      await life.until('connected', () => life.gateway.health().status === 'ok');
      await heard(stage, life, supergroupId, 'and now?');
      // What is heard first may have come in with the catching up.
      await heard(stage, life, supergroupId, 'hm?');
      const differences = calls(stage, 'updates.getDifference', 'updates.getChannelDifference', 'updates.getState');
      expect(await delivered(life, message)).to.equal(stage.server.sent.items[0]?.id);
      await heard(stage, life, supergroupId, 'thank you');
      expect(calls(stage, 'updates.getDifference', 'updates.getChannelDifference', 'updates.getState')).to.equal(differences);
    }));
});
