import { expect } from 'chai';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { derivedRandomId } from '../../../../src/adapters/telegram/outbound/random-ids.ts';
import { makeOutboxDeliverer } from '../../../../src/application/outbox/deliver-outbox.ts';
import { makeSendLimiter } from '../../../../src/application/outbox/send-limiter.ts';
import { silentLogger } from '../../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';
import { ANN, answer, onStage, replyTo, supergroupId } from '../gateway-stage.ts';
import { asked, failureOf, ours, sendUntilDelivered } from './outbound-stage.ts';

describe('An answer of several messages on Telegram', () => {
  it('keeps the order of its chat, and lets other chats pass', () =>
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

  it('is split into parts with random ids that every repeat derives again', () =>
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

  it('is sent in order, no faster than the schedule admits', function () {
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

  it('goes on behind a flood wait: no part comes twice, and nothing comes between the parts', () =>
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

  it('is done where it was delivered and can’t be found any more', () =>
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

  it('is sent as a file, once, where it would flood the chat', () =>
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
});
