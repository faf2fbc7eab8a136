import { expect } from 'chai';
import type { PortErrorCode } from '../../../../src/ports/index.ts';
import { telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import { ANN, answer, BOT, delivered, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import { asked, failureOf, ours } from './outbound-stage.ts';

describe('Telegram outbound', () => {
  it('edits what it has sent, and puts it back; says where it can not', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const id = await delivered(life, answer(supergroupId, 'I will *look* into it.'));
      const edit = (text: string, message = id) => life.gateway.edit(telegramChat(supergroupId), telegramMessage(message), text);
      const said = () => stage.server.world.message(BOT, supergroupId, id);
      const before = said();
      expect(await edit('I will *look* into it.\n\n#5: reading')).to.equal(true);
      expect(said()?.text).to.equal('I will look into it.\n\n#5: reading');
      expect(await edit('I will *look* into it.')).to.equal(true);
      expect(said()).to.deep.include({ text: before?.text, entities: before?.entities });
      expect(await edit('to many words '.repeat(1_000))).to.equal(false);
      expect(await edit('not there', id + 1_000)).to.equal(false);
    }));

  it('pins what it has sent where it may, in a direct chat and as an admin, without a notification', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      await asked(stage, life, ANN);
      const direct = await delivered(life, answer(ANN, 'All is well.'));
      const grouped = await delivered(life, answer(supergroupId, 'All is well.'));
      const pin = (chat: number, message: number) => life.gateway.pin?.(telegramChat(chat), telegramMessage(message));
      expect(await pin(ANN, direct)).to.equal(true);
      expect(await pin(ANN, direct), 'again').to.equal(true);
      expect(await pin(supergroupId, grouped)).to.equal(false);
      expect(await pin(ANN, direct + 1_000), 'gone').to.equal(false);
      stage.server.world.setMember(supergroupId, BOT, { role: 'admin' });
      expect(await pin(supergroupId, grouped)).to.equal(true);
      const calls = stage.server.calls.items.filter(({ method }) => method === 'messages.updatePinnedMessage');
      expect(calls.every(({ request }) => request.silent === true)).to.equal(true);
      stage.server.faults.fail('messages.updatePinnedMessage', 'FLOOD_WAIT_17');
      expect(await failureOf(pin(supergroupId, grouped) as Promise<unknown>)).to.deep.include({
        code: 'rate-limited',
        retryAfterMs: 17_000,
      });
    }));

  it('shows typing and reactions', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, supergroupId);
      await life.gateway.showTyping(telegramChat(supergroupId));
      const [message] = life.received;
      if (message) await life.gateway.acknowledge(message.chat.id, message.messageId);
      expect(stage.server.typing.items).to.deep.equal([{ userId: BOT, chat: supergroupId, action: 'sendMessageTypingAction' }]);
      expect(stage.server.reactions.items[0]).to.deep.include({ chat: supergroupId, id: question, emoji: ['👀'] });
    }));

  it('drops what Telegram does not take of the form, and keeps the answer', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      stage.server.faults.fail('messages.sendMessage', 'ENTITY_BOUNDS_INVALID');
      await life.gateway.send(answer(ANN, '**bold**', replyTo(question)));
      expect(stage.server.sent.items[0]).to.deep.include({ text: 'bold', entities: [], replyTo: question });
      await life.gateway.send(answer(ANN, 'to a message that is gone', replyTo(question + 1_000)));
      expect(stage.server.sent.items[1]).to.deep.include({ text: 'to a message that is gone' });
      expect(stage.server.sent.items[1]?.replyTo).to.equal(undefined);
    }));

  const refusals: readonly [string, PortErrorCode, boolean, number?, 'chat'?][] = [
    ['FLOOD_WAIT_17', 'rate-limited', true, 17_000],
    ['SLOWMODE_WAIT_9', 'rate-limited', true, 9_000, 'chat'],
    ['CHAT_WRITE_FORBIDDEN', 'invalid-request', false],
    ['USER_IS_BLOCKED', 'invalid-request', false],
    ['PEER_ID_INVALID', 'invalid-request', false],
    ['CHANNEL_PRIVATE', 'invalid-request', false],
    ['INTERNAL', 'unavailable', true],
  ];
  for (const [error, code, retryable, retryAfterMs, scope] of refusals)
    it(`reports ${error} as ${code}`, () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        await asked(stage, life, ANN);
        stage.server.faults.fail('messages.sendMessage', error);
        const before = Date.now();
        const message = answer(ANN, 'hello');
        const failure = await failureOf(life.gateway.send(message));
        expect(failure).to.deep.include({ code, retryable });
        expect(failure.retryAfterMs).to.equal(retryAfterMs);
        expect(failure.scope).to.equal(scope);
        expect(Date.now() - before, 'nothing was waited out').to.be.lessThan(1_000);
        await life.gateway.send(message);
        expect(ours(stage, ANN)).to.deep.equal(['hello']);
      }));

  it('rejects at once while there is no connection', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      await asked(stage, life, ANN);
      await stage.server.goDown();
      await life.until('the loss is noticed', () => life.gateway.health().status === 'fail');
      const failure = await failureOf(life.gateway.send(answer(ANN, 'hello')));
      expect(failure).to.deep.include({ code: 'unavailable', retryable: true });
      expect((await failureOf(life.gateway.showTyping(telegramChat(supergroupId)))).code).to.equal('unavailable');
    }));

  it('addresses after a restart whom a person’s account knew before', () =>
    onStage({ account: 'user' }, async (stage) => {
      const first = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: 600, text: 'hello' });
      stage.server.world.sendMessage({ from: ANN, chat: supergroupId, text: 'hello all' });
      await first.untilReceived('hello', 'hello all');
      await stage.stop(first);
      const second = await stage.start();
      await second.gateway.send(answer(ANN, 'again'));
      await second.gateway.send(answer(supergroupId, 'again, all'));
      expect(stage.server.sent.items.map(({ text }) => text)).to.deep.equal(['again', 'again, all']);
      expect(await failureOf(second.gateway.send(answer(12345, 'who?')))).to.deep.include({ code: 'invalid-request', retryable: false });
    }));
});
