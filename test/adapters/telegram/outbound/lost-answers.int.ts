import { expect } from 'chai';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, answer, BOT, delivered, groupId, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import { asked, failureOf, ours, sendUntilDelivered } from './outbound-stage.ts';

describe('A send to Telegram whose answer does not come', () => {
  for (const [where, chat] of [
    ['a direct message', ANN],
    ['a basic group', groupId],
    ['a supergroup', supergroupId],
  ] as const)
    for (const repeats of ['error', 'original'] as const)
      it(`is found in ${where}, where repeats are answered with the ${repeats}`, () =>
        onStage({}, async (stage) => {
          const life = await stage.start();
          stage.server.answerRepeatsWith(repeats);
          stage.server.rules.namesSent = false;
          const question = await asked(stage, life, chat);
          const message = answer(chat, 'the *one* answer', replyTo(question));
          stage.server.faults.cutAfter('messages.sendMessage');
          const id = await sendUntilDelivered(life, message);
          expect(ours(stage, chat)).to.deep.equal(['the one answer']);
          expect(stage.server.world.message(BOT, chat, id)?.text).to.equal('the one answer');
          expect(await delivered(life, message), 'each repeat resolves to the same id').to.equal(id);
        }));

  for (const repeats of ['error', 'original'] as const)
    it(`is found where the process ended before it had stored that, and repeats are answered with the ${repeats}`, () =>
      onStage({}, async (stage) => {
        stage.server.answerRepeatsWith(repeats);
        stage.server.rules.namesSent = false;
        const { state } = stage;
        const kept = (value: string | undefined): boolean => !value?.includes('"isFinal":true');
        const forgetful = {
          ...state,
          set: (entries: ReadonlyMap<string, string | undefined>) => state.set(new Map([...entries].filter(([, value]) => kept(value)))),
        };
        const first = await stage.start({ state: forgetful });
        const reply = replyTo(await asked(stage, first, ANN));
        const plain = answer(ANN, 'plain', reply);
        const grown = answer(ANN, 'grown from a draft', reply);
        const anew = answer(ANN, 'its draft was deleted', reply);
        const long = answer(ANN, ['first', 'second'].map((word) => `${word} ${'x'.repeat(4_000)}`).join('\n\n'), reply);
        const messages = [plain, grown, anew, long];
        await first.gateway.showDraft({ ...grown, text: 'grow' });
        await first.gateway.showDraft({ ...anew, text: 'its' });
        stage.server.world.deleteMessages(...stage.server.sent.items.slice(-1).map(({ message }) => message));
        const ids: number[] = [];
        for (const message of messages) ids.push(await sendUntilDelivered(first, message));
        const said = ours(stage, ANN);
        expect(said).to.have.length(5);
        await stage.stop(first);
        const second = await stage.start();
        for (const [at, message] of messages.entries()) expect(await sendUntilDelivered(second, message)).to.equal(ids[at]);
        expect(ours(stage, ANN)).to.deep.equal(said);
      }));

  it('is found among other messages of ours, by what it says and what it answers', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      await life.gateway.send(answer(ANN, 'something before', replyTo(question)));
      stage.server.faults.cutAfter('messages.sendMessage');
      const message = answer(ANN, 'the answer', replyTo(question));
      const lost = await failureOf(life.gateway.send(message));
      expect(lost).to.deep.include({ code: 'unavailable', retryable: true });
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'meanwhile' });
      const id = await sendUntilDelivered(life, message);
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('the answer');
    }));

  it('is not taken for another answer that says the same of the same message', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      stage.server.answerRepeatsWith('error');
      const reply = replyTo(await asked(stage, life, ANN));
      const first = await delivered(life, answer(ANN, 'Done.', reply));
      stage.server.faults.cutAfter('messages.sendMessage');
      const second = await sendUntilDelivered(life, answer(ANN, 'Done.', reply));
      expect(stage.server.sent.items.map(({ id }) => id)).to.deep.equal([first, second]);
    }));

  it('is found also where it answers no message', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      await asked(stage, life, ANN);
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await sendUntilDelivered(life, answer(ANN, 'by the way'));
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('by the way');
      expect(ours(stage, ANN)).to.deep.equal(['by the way']);
    }));

  it('is found though Telegram has cut blanks off its ends', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      await asked(stage, life, ANN);
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await sendUntilDelivered(life, answer(ANN, '```\n  indented\n```'));
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('indented');
      expect(ours(stage, ANN)).to.deep.equal(['indented']);
    }));

  it('is found for a person’s account, which may look through its history', () =>
    onStage({ account: 'user' }, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: 600, text: 'a question' });
      await life.untilReceived('a question');
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await sendUntilDelivered(life, answer(ANN, 'not even a reply'));
      expect(stage.server.world.message(600, ANN, id)?.text).to.equal('not even a reply');
      expect(stage.server.sent.items).to.have.length(1);
    }));

  it('is given up after a time, and repeated with the same random id', () =>
    onStage({ timing: { callTimeoutMs: 200 } }, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, 'hello', replyTo(question));
      stage.server.faults.swallow('messages.sendMessage', 'after');
      const failure = await failureOf(life.gateway.send(message));
      expect(failure).to.deep.include({ code: 'timeout', retryable: true });
      stage.server.faults.swallow('messages.sendMessage', 'before');
      expect((await failureOf(life.gateway.send(message))).code).to.equal('timeout');
      await life.gateway.send(message);
      expect(ours(stage, ANN)).to.deep.equal(['hello']);
    }));

  it('is delivered once, as each of 40 is while the connection is cut before and after every few of them', function () {
    this.timeout(60_000);
    return onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const messages = Array.from({ length: 40 }, (_, at) =>
        answer(at % 2 ? ANN : supergroupId, `answer ${at}`, at % 2 ? replyTo(question) : {}),
      );
      const superQuestion = await asked(stage, life, supergroupId, 'and here');
      for (const [at, message] of messages.entries()) {
        if (at % 5 === 1) stage.server.faults.cutAfter('messages.sendMessage');
        if (at % 5 === 3) stage.server.faults.cutBefore('messages.sendMessage');
        await sendUntilDelivered(life, message.chatId === telegramChat(supergroupId) ? { ...message, ...replyTo(superQuestion) } : message);
      }
      const all = [...ours(stage, ANN), ...ours(stage, supergroupId)];
      expect(all.toSorted()).to.deep.equal(messages.map(({ text }) => text).toSorted());
    });
  });
});
