import { expect } from 'chai';
import { ANN, answer, BOT, delivered, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import { asked, failureOf, ours } from './outbound-stage.ts';

describe('A draft of an answer on Telegram', () => {
  it('grows in place, and becomes the answer', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'It is **forty-two**.', replyTo(question));
      await life.gateway.showDraft({ ...message, text: 'It' });
      await life.gateway.showDraft({ ...message, text: 'It is **forty' });
      await life.gateway.showDraft({ ...message, text: '' });
      const id = await delivered(life, message);
      expect(ours(stage, ANN)).to.deep.equal(['It is forty-two.']);
      expect(stage.server.sent.items).to.have.length(1);
      expect(stage.server.sent.items[0]).to.deep.include({ id, replyTo: question });
      await life.gateway.showDraft({ ...message, text: 'late' });
      expect(ours(stage, ANN)).to.deep.equal(['It is forty-two.']);
      expect(await delivered(life, message)).to.equal(id);
    }));

  it('is taken back where no answer comes, and nothing is shown after that; an answer stays', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      for (const chat of [ANN, supergroupId]) {
        const question = await asked(stage, life, chat);
        const message = answer(chat, 'All of it.', replyTo(question));
        await life.gateway.showDraft({ ...message, text: 'All' });
        expect(ours(stage, chat)).to.deep.equal(['All']);
        await life.gateway.withdraw?.(message.chatId, message.deliveryKey);
        await life.gateway.showDraft({ ...message, text: 'All of' });
        expect(ours(stage, chat)).to.deep.equal([]);
        const other = answer(chat, 'The answer.', replyTo(question));
        await delivered(life, other);
        await life.gateway.withdraw?.(other.chatId, other.deliveryKey);
        expect(ours(stage, chat)).to.deep.equal(['The answer.']);
      }
    }));

  it('is replaced by the answer that the next process sends', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      const question = await asked(stage, first, supergroupId);
      const message = answer(supergroupId, 'The answer.', replyTo(question));
      // It dies before it knows that its draft has arrived.
      stage.server.faults.swallow('messages.sendMessage', 'after');
      const lost = failureOf(first.gateway.showDraft({ ...message, text: 'The ans' }));
      await stage.server.sent.untilCount(1);
      await stage.stop(first);
      await lost;
      const second = await stage.start();
      const id = await delivered(second, message);
      expect(ours(stage, supergroupId)).to.deep.equal(['The answer.']);
      expect(stage.server.sent.items[0]?.id).to.equal(id);
    }));

  it('is replaced by an answer that answers more, though its number and its reply are lost', () =>
    onStage({}, async (stage) => {
      const first = await stage.start();
      const question = await asked(stage, first, ANN);
      const message = answer(ANN, 'To both of you: yes.', replyTo(question));
      stage.server.faults.swallow('messages.sendMessage', 'after');
      const lost = failureOf(first.gateway.showDraft({ ...message, text: 'To you' }));
      await stage.server.sent.untilCount(1);
      await stage.stop(first);
      await lost;
      const second = await stage.start();
      const more = { ...message, ...replyTo(await asked(stage, second, ANN, 'and another question')) };
      await second.gateway.showDraft({ ...more, text: 'To both' });
      const id = await delivered(second, more);
      expect(ours(stage, ANN)).to.deep.equal(['To both of you: yes.']);
      expect(stage.server.sent.items.map((sent) => sent.id)).to.deep.equal([id]);
    }));

  it('is replaced by a new message where it was lost, and then deleted', () =>
    onStage({ timing: { callTimeoutMs: 200 } }, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'Yes.', replyTo(question));
      stage.server.faults.swallow('messages.sendMessage', 'after');
      await failureOf(life.gateway.showDraft({ ...message, text: 'Y' }));
      const [draft] = stage.server.sent.items;
      if (draft) stage.server.world.deleteMessages(draft.message);
      const id = await delivered(life, message);
      expect(stage.server.world.message(BOT, ANN, id)).to.deep.include({ text: 'Yes.', deleted: false });
      expect(await delivered(life, message)).to.equal(id);
    }));

  it('shows nothing once the answer was to be sent, even while that fails', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'Yes.', replyTo(question));
      stage.server.faults.fail('messages.sendMessage', 'FLOOD_WAIT_1');
      await failureOf(life.gateway.send(message));
      await life.gateway.showDraft({ ...message, text: 'Y' });
      expect(ours(stage, ANN)).to.deep.equal([]);
    }));

  it('does not stand over the answer where an edit comes late', () =>
    onStage({ timing: { callTimeoutMs: 1_000 } }, async (stage) => {
      const { faults, calls } = stage.server;
      const life = await stage.start();
      const message = answer(ANN, 'The whole answer.', replyTo(await asked(stage, life, ANN)));
      await life.gateway.showDraft({ ...message, text: 'The' });
      const edit = faults.hold('messages.editMessage');
      const late = failureOf(life.gateway.showDraft({ ...message, text: 'The who' }));
      await edit.held;
      expect((await late).code).to.equal('timeout');
      await life.gateway.send(message);
      expect(ours(stage, ANN)).to.deep.equal(['The whole answer.']);
      edit.release();
      await calls.until(
        ({ method, request, outcome }) => method === 'messages.editMessage' && outcome === 'ok' && request.message === 'The who',
      );
      await life.until('the answer is put back', () => ours(stage, ANN)[0] === 'The whole answer.');
    }));

  it('is left as it is where it says all of the answer', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'Yes.', replyTo(question));
      await life.gateway.showDraft(message);
      await life.gateway.send(message);
      expect(ours(stage, ANN)).to.deep.equal(['Yes.']);
    }));

  it('is replaced by a new message where somebody deleted it', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'Yes.', replyTo(question));
      await life.gateway.showDraft({ ...message, text: 'Y' });
      const [draft] = stage.server.sent.items;
      if (draft) stage.server.world.deleteMessages(draft.message);
      const id = await delivered(life, message);
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('Yes.');
    }));

  it('says how the answer begins that goes as a file', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const long = Array.from({ length: 60 }, (_, at) => `${at} ${'word '.repeat(200)}`).join('\n\n');
      const message = answer(ANN, long, replyTo(question));
      await life.gateway.showDraft({ ...message, text: '0 word' });
      const id = await delivered(life, message);
      expect(await delivered(life, message)).to.equal(id);
      expect(stage.server.sent.items.map(({ media }) => media?._)).to.deep.equal([undefined, 'messageMediaDocument']);
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.match(/^0 word[\s\S]*in the file\.$/);
    }));
});
