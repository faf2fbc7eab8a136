import { expect } from 'chai';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { derivedRandomId } from '../../../../src/adapters/telegram/outbound/random-ids.ts';
import { makeOutboxDeliverer, makeSendLimiter } from '../../../../src/application/index.ts';
import { isPortError, type PortError, type PortErrorCode, silentLogger } from '../../../../src/ports/index.ts';
import { makeRecordingLogger, telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';
import { ANN, answer, BOT, delivered, groupId, type Life, numberOf, onStage, replyTo, type Stage, supergroupId } from '../gateway-stage.ts';

const failureOf = async (work: Promise<unknown>): Promise<PortError> => {
  try {
    await work;
  } catch (error) {
    if (isPortError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

/** As the outbox does it: again, with the same random id, until it is known that it arrived. */
const sendUntilDelivered = async (life: Life, message: ReturnType<typeof answer>): Promise<number> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return await delivered(life, message);
    } catch (error) {
      if (!isPortError(error) || !error.retryable) throw error;
      await life.until('connected', () => life.gateway.health().status === 'ok');
    }
  }
  throw new Error('never delivered');
};

/** What stands in the chat under our name. */
const ours = ({ server }: Stage, chat: number): readonly string[] =>
  server.world
    .history(BOT, chat)
    .filter(({ from }) => from === BOT)
    .map(({ text }) => text);

const asked = async (stage: Stage, life: Life, chat: number, text = 'a question'): Promise<number> => {
  stage.server.world.sendMessage({ from: ANN, chat: chat === ANN ? BOT : chat, text });
  await life.untilReceived(text);
  return numberOf(life, text);
};

describe('Telegram outbound', () => {
  for (const [where, chat] of [
    ['a direct message', ANN],
    ['a basic group', groupId],
    ['a supergroup', supergroupId],
  ] as const)
    for (const repeats of ['error', 'original'] as const)
      it(`finds what it sent when the reply was lost, in ${where}, where repeats are answered with the ${repeats}`, () =>
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
    it(`finds what a process sent that ended before it had stored so, where repeats are answered with the ${repeats}`, () =>
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

  it('finds it among other messages of ours, by what it says and what it answers', () =>
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

  it('takes no other answer for it that says the same of the same message', () =>
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

  it('finds it without a message that it answers, too', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      await asked(stage, life, ANN);
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await sendUntilDelivered(life, answer(ANN, 'by the way'));
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('by the way');
      expect(ours(stage, ANN)).to.deep.equal(['by the way']);
    }));

  it('finds it though Telegram has cut blanks off its ends', () =>
    onStage({}, async (stage) => {
      stage.server.rules.namesSent = false;
      const life = await stage.start();
      await asked(stage, life, ANN);
      stage.server.faults.cutAfter('messages.sendMessage');
      const id = await sendUntilDelivered(life, answer(ANN, '```\n  indented\n```'));
      expect(stage.server.world.message(BOT, ANN, id)?.text).to.equal('indented');
      expect(ours(stage, ANN)).to.deep.equal(['indented']);
    }));

  it('does so for a person’s account, which may look through its history', () =>
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

  it('gives up a call that is never answered, and repeats it with the same random id', () =>
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

  it('delivers each of 40 answers once while the connection is cut before and after every few of them', function () {
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

  it('keeps the order of a chat, and lets others pass', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      await asked(stage, life, ANN);
      const hold = stage.server.faults.hold('messages.sendMessage');
      const first = life.gateway.send(answer(ANN, 'first'));
      const second = life.gateway.send(answer(ANN, 'second'));
      await hold.held;
      await life.gateway.send(answer(supergroupId, 'elsewhere'));
      expect(
        stage.server.calls.items.filter(({ method }) => method === 'messages.sendMessage'),
        'the second waits here',
      ).to.have.length(2);
      expect(stage.server.sent.items.map(({ text }) => text)).to.deep.equal(['elsewhere']);
      hold.release();
      await Promise.all([first, second]);
      expect(ours(stage, ANN)).to.deep.equal(['first', 'second']);
    }));

  it('splits a long answer into parts with random ids that every repeat derives again', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const paragraphs = Array.from({ length: 12 }, (_, at) => `${at} ${'word '.repeat(200)}`.trim());
      const message = answer(ANN, paragraphs.join('\n\n'), replyTo(question));
      // The second part arrives, and the word of it is lost: the whole is sent again.
      const hold = stage.server.faults.hold('messages.sendMessage');
      stage.server.faults.cutAfter('messages.sendMessage');
      hold.release();
      const id = await sendUntilDelivered(life, message);
      const texts = ours(stage, ANN);
      expect(texts.length).to.be.greaterThan(2);
      expect(texts.join('\n\n').split(/\n\n/)).to.deep.equal(paragraphs);
      expect(stage.server.sent.items[0]).to.deep.include({ id, replyTo: question });
      expect(stage.server.sent.items[1]?.randomId.toString()).to.equal(derivedRandomId(message.deliveryKey, 1));
    }));

  it('sends the parts of an answer no faster than the schedule admits, and in order', function () {
    this.timeout(60_000);
    return onStage({}, async (stage) => {
      const life = await stage.start();
      const { stores, unitOfWork, state, changes } = makeMemoryStorage();
      const logger = makeRecordingLogger();
      const admitted: number[] = [];
      const schedule = makeSendLimiter({ state, clock: systemClock, events: logged(logger) });
      const deliverer = makeOutboxDeliverer({
        outbox: stores.outbox,
        unitOfWork,
        gateways: [life.gateway],
        changes,
        clock: systemClock,
        events: logged(logger),
        maxChats: 4,
        limiter: {
          ...schedule,
          tryAcquire: async (...asked) => {
            const until = await schedule.tryAcquire(...asked);
            if (until === undefined) admitted.push(Date.now());
            return until;
          },
        },
      });
      const question = await asked(stage, life, ANN);
      const long = answer(ANN, Array.from({ length: 12 }, (_, at) => `${at} ${'word '.repeat(200)}`).join('\n\n'), replyTo(question));
      const short = answer(ANN, 'and another thing');
      for (const message of [long, short])
        await unitOfWork.run(({ outbox }) => outbox.add({ ...message, dedupeKey: message.deliveryKey, createdAt: Date.now() }));
      deliverer.start();
      await stage.server.sent.until(({ text }) => text === short.text);
      await deliverer.stop();
      const texts = ours(stage, ANN);
      expect(texts.length).to.be.greaterThan(3);
      expect(texts.at(-1)).to.equal(short.text);
      expect(admitted, 'one admission a message').to.have.length(texts.length);
      for (const [at, time] of admitted.slice(1).entries()) expect(time - (admitted[at] ?? 0)).to.be.at.least(1_000);
      expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([]);
      expect((await stores.outbox.stats()).sent).to.equal(2);
    });
  });

  it('goes on behind a flood wait where it was: no part comes twice, and nothing between them', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const { stores, unitOfWork, state, changes } = makeMemoryStorage();
      const logger = silentLogger;
      const deliverer = makeOutboxDeliverer({
        outbox: stores.outbox,
        unitOfWork,
        gateways: [life.gateway],
        changes,
        clock: systemClock,
        events: logged(logger),
        maxChats: 4,
        limiter: makeSendLimiter({ state, clock: systemClock, events: logged(logger) }),
      });
      const question = await asked(stage, life, ANN);
      const paragraphs = Array.from({ length: 12 }, (_, at) => `${at} ${'word '.repeat(200)}`.trim());
      const long = answer(ANN, paragraphs.join('\n\n'), replyTo(question));
      const short = answer(ANN, 'and another thing');
      for (const message of [long, short])
        await unitOfWork.run(({ outbox }) => outbox.add({ ...message, dedupeKey: message.deliveryKey, createdAt: Date.now() }));
      // The first part goes through, the second one is told to wait.
      const hold = stage.server.faults.hold('messages.sendMessage');
      stage.server.faults.fail('messages.sendMessage', 'FLOOD_WAIT_1');
      deliverer.start();
      await hold.held;
      hold.release();
      await stage.server.sent.until(({ text }) => text === short.text);
      await deliverer.stop();
      const texts = ours(stage, ANN);
      expect(texts.at(-1)).to.equal(short.text);
      expect(texts.slice(0, -1).join('\n\n').split('\n\n')).to.deep.equal(paragraphs);
      const randomIds = stage.server.calls.items
        .filter(({ method }) => method === 'messages.sendMessage')
        .map(({ request }) => String(request.randomId));
      const parts = texts.slice(1, -1).map((_, at) => derivedRandomId(long.deliveryKey, at + 1));
      expect(randomIds).to.deep.equal([long.deliveryKey, parts[0], ...parts, short.deliveryKey]);
    }));

  it('is done with what was delivered and can’t be found any more', () =>
    onStage({ timing: { callTimeoutMs: 200 } }, async (stage) => {
      const first = await stage.start();
      const question = await asked(stage, first, ANN);
      const message = answer(ANN, 'The answer.', replyTo(question));
      stage.server.faults.swallow('messages.sendMessage', 'after');
      expect((await failureOf(first.gateway.send(message))).code).to.equal('timeout');
      const [sent] = stage.server.sent.items;
      if (sent) stage.server.world.deleteMessages(sent.message);
      expect(await first.gateway.send(message)).to.equal(undefined);
      const calls = stage.server.calls.items.length;
      expect(await first.gateway.send(message)).to.equal(undefined);
      expect(stage.server.calls.items, 'it is not even asked again').to.have.length(calls);
      await stage.stop(first);
      const second = await stage.start();
      expect(await second.gateway.send(message)).to.equal(undefined);
      expect(stage.server.sent.items).to.have.length(1);
    }));

  it('sends what would flood the chat as a file, once', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const question = await asked(stage, life, ANN);
      const message = answer(ANN, Array.from({ length: 60 }, (_, at) => `${at} ${'word '.repeat(200)}`).join('\n\n'), replyTo(question));
      stage.server.faults.cutAfter('messages.sendMedia');
      const id = await sendUntilDelivered(life, message);
      expect(stage.server.sent.items).to.have.length(1);
      const [sent] = stage.server.sent.items;
      expect(sent).to.deep.include({ id, replyTo: question });
      expect(sent?.media?._).to.equal('messageMediaDocument');
      const [file] = [...stage.server.world.state.files.values()];
      expect(file?.content.toString()).to.equal(message.text);
    }));

  describe('drafts', () => {
    it('grow in place, and become the answer', () =>
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

    it('are taken back where no answer comes, and nothing is shown after that; an answer stays', () =>
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

    it('are replaced by the answer of a process that comes after the one that died', () =>
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

    it('are replaced by an answer that answers more: nobody knows any longer where the draft stands, or what it replied to', () =>
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

    it('that were lost, and then deleted, make place for a new message', () =>
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

    it('show nothing once the answer was to be sent, even while it could not be', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        const question = await asked(stage, life, ANN);
        const message = answer(ANN, 'Yes.', replyTo(question));
        stage.server.faults.fail('messages.sendMessage', 'FLOOD_WAIT_1');
        await failureOf(life.gateway.send(message));
        await life.gateway.showDraft({ ...message, text: 'Y' });
        expect(ours(stage, ANN)).to.deep.equal([]);
      }));

    it('do not stand over the answer where an edit comes late', () =>
      onStage({ timing: { callTimeoutMs: 200 } }, async (stage) => {
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

    it('that say it all already are left as they are', () =>
      onStage({}, async (stage) => {
        const life = await stage.start();
        const question = await asked(stage, life, ANN);
        const message = answer(ANN, 'Yes.', replyTo(question));
        await life.gateway.showDraft(message);
        await life.gateway.send(message);
        expect(ours(stage, ANN)).to.deep.equal(['Yes.']);
      }));

    it('that somebody deleted make place for a new message', () =>
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

    it('of an answer that goes as a file say how it begins', () =>
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
    it(`tells ${error} as ${code}`, () =>
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
      await life.until('the loss is noticed', () => life.gateway.health().status === 'down');
      const failure = await failureOf(life.gateway.send(answer(ANN, 'hello')));
      expect(failure).to.deep.include({ code: 'unavailable', retryable: true });
      expect((await failureOf(life.gateway.showTyping(telegramChat(supergroupId)))).code).to.equal('unavailable');
    }));

  it('addresses after a restart whom it knew before, as a person’s account', () =>
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
