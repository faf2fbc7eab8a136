import { expect } from 'chai';
import { telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import { ANN, answer, delivered, groupId, type Life, onStage, type Stage } from '../gateway-stage.ts';

const NEW = 1_700_000_009;
const newId = -1_000_000_000_000 - NEW;
const MOVE = { from: telegramChat(groupId), to: telegramChat(newId) };

/** What comes behind the move is handed over once it is known. */
const untilMoved = async (life: Life, { world }: Stage['server']): Promise<void> => {
  world.sendMessage({ from: ANN, chat: newId, text: 'settled' });
  await life.untilReceived('settled');
};
const saidIn = ({ server }: Stage, chat: number) => server.sent.items.filter((each) => each.chat === chat).map(({ text }) => text);
const failureOf = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((error: unknown) => error);

describe('A basic group that becomes a supergroup', () => {
  for (const account of ['bot', 'user'] as const)
    it(`is told of before any message of the new group, and spoken to there, by a ${account}`, () =>
      onStage({ account }, async (stage) => {
        const life = await stage.start();
        stage.server.world.migrate(groupId, { id: NEW });
        stage.server.world.sendMessage({ from: ANN, chat: newId, text: 'here we are' });
        await life.untilReceived('here we are');
        expect(life.moved[0]).to.deep.equal(MOVE);
        expect(life.order[0]).to.equal(MOVE.to);
        expect(life.received[0]?.chat.id).to.equal(MOVE.to);
        expect(life.received[0]?.messageId).to.equal(telegramMessage(2));
        await life.gateway.send(answer(newId, 'hello', { replyTo: telegramMessage(2), answers: [] }));
        await life.gateway.send(answer(groupId, 'to the old id', { replyTo: telegramMessage(1), answers: [] }));
        expect(saidIn(stage, newId)).to.deep.equal(['hello', 'to the old id']);
        expect(stage.server.sent.items.map(({ replyTo }) => replyTo)).to.deep.equal([2, undefined]);
      }));

  it('is told of at the next start, where it happened while nobody listened', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: groupId, text: 'before' });
      await first.untilReceived('before');
      await stage.stop(first);
      stage.server.world.migrate(groupId, { id: NEW });
      stage.server.world.sendMessage({ from: ANN, chat: newId, text: 'while you were away' });
      const second = await stage.start();
      await second.untilReceived('while you were away');
      expect(second.order.slice(0, 1)).to.deep.equal([MOVE.to]);
    }));

  it('is told of again where it could not be stored, also by the next process', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      let tries = 0;
      first.refuseMove = () => tries++ >= 0;
      stage.server.world.migrate(groupId, { id: NEW });
      await first.until('a try', () => tries > 0);
      await stage.stop(first);
      const second = await stage.start();
      let refusals = 1;
      second.refuseMove = () => refusals-- > 0;
      stage.server.world.sendMessage({ from: ANN, chat: newId, text: 'after' });
      await second.untilReceived('after');
      expect(second.order).to.deep.equal([MOVE.to, 'after']);
    }));

  it('is told of once, however often and in whatever order Telegram says so, also over a restart', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      stage.server.faults.reverseUpdates(2);
      stage.server.world.migrate(groupId, { id: NEW });
      await untilMoved(first, stage.server);
      stage.server.faults.duplicateUpdates(2);
      stage.server.world.sendMessage({ from: ANN, chat: newId, text: 'one' });
      await first.untilReceived('one');
      await stage.stop(first);
      const second = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: newId, text: 'two' });
      await second.untilReceived('two');
      expect([...first.moved, ...second.moved]).to.deep.equal([MOVE]);
      // The next process knows where the old id leads.
      await second.gateway.send(answer(groupId, 'late'));
      expect(saidIn(stage, newId)).to.deep.equal(['late']);
    }));

  for (const refusedAs of ['PEER_ID_INVALID', 'CHAT_ID_INVALID', 'CHAT_WRITE_FORBIDDEN'])
    it(`is found out by a send that is refused as ${refusedAs}: the send waits, and goes to the new group`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        stage.server.faults.withholdUpdates(2);
        stage.server.world.migrate(groupId, { id: NEW, refusedAs });
        const message = answer(groupId, 'late', { replyTo: telegramMessage(1) });
        const error = await failureOf(life.gateway.send(message));
        expect(error).to.deep.include({ code: 'rate-limited', retryable: true, scope: 'chat', retryAfterMs: 0 });
        expect(life.moved).to.deep.equal([MOVE]);
        await life.gateway.send({ ...message, chatId: MOVE.to });
        expect(saidIn(stage, newId)).to.deep.equal(['late']);
      }));

  it('is not suspected where the group stands, and refuses for another reason', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      stage.server.world.setMember(groupId, 500, { canWrite: false });
      expect(await failureOf(life.gateway.send(answer(groupId, 'no')))).to.deep.include({ code: 'invalid-request', retryable: false });
      expect(life.moved).to.deep.equal([]);
    }));

  it('gets no answer a second time that had arrived in the old group, with the word of it lost', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: groupId, text: 'question' });
      await first.untilReceived('question');
      stage.server.faults.cutAfter('messages.sendMessage');
      const message = answer(groupId, 'the answer');
      expect(await failureOf(first.gateway.send(message))).to.deep.include({ code: 'unavailable' });
      stage.server.world.migrate(groupId, { id: NEW });
      // The process is killed, too: nothing but the outbox knows that the send was begun.
      await stage.stop(first);
      const second = await stage.start();
      await untilMoved(second, stage.server);
      const again = { ...message, chatId: MOVE.to, movedFrom: MOVE.from };
      expect(await second.gateway.send(again)).to.equal(undefined);
      expect(await second.gateway.send(again)).to.equal(undefined);
      expect(saidIn(stage, newId)).to.deep.equal([]);
      const other = answer(newId, 'never sent before', { movedFrom: MOVE.from });
      await delivered(second, other);
      expect(saidIn(stage, newId)).to.deep.equal(['never sent before']);
    }));

  it('has the answer whole in the new group, where a draft of it stands in the old one', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const message = answer(groupId, 'all of it, at last');
      await life.gateway.showDraft({ ...message, text: 'all of' });
      stage.server.world.migrate(groupId, { id: NEW });
      await untilMoved(life, stage.server);
      await life.gateway.showDraft({ ...message, text: 'all of it' });
      await life.gateway.send({ ...message, chatId: MOVE.to, movedFrom: MOVE.from });
      expect(saidIn(stage, groupId)).to.deep.equal(['all of']);
      expect(saidIn(stage, newId)).to.deep.equal(['all of it, at last']);
    }));

  it('shows typing in the new group, and leaves messages of the old one alone', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const id = telegramMessage(await delivered(life, answer(groupId, 'promise #1')));
      stage.server.world.migrate(groupId, { id: NEW });
      await untilMoved(life, stage.server);
      await life.gateway.showTyping(MOVE.from);
      await life.gateway.acknowledge(MOVE.from, id);
      expect(await life.gateway.edit(MOVE.from, id, 'changed')).to.equal(false);
      expect(stage.server.typing.items.map(({ chat }) => chat)).to.deep.equal([newId]);
      expect([stage.server.edits.items, stage.server.reactions.items]).to.deep.equal([[], []]);
    }));
});
