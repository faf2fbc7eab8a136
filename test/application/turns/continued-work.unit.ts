import { expect } from 'chai';
import { makeResilientModel } from '../../../src/application/index.ts';
import { buildMessage, makeRecordingLogger, makeScriptedModel, makeSeededRandomness } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { asked, chat, failure, HOUR_MS, looking, running, stage, tokens } from '../support/failing-model-harness.ts';
import { advance, makeWorld, settle } from '../support/harness.ts';

describe('A reply that runs out of time', () => {
  it('keeps what people saw of a reply that runs out of time, and continues the work in a promise with what tools found', async () => {
    const model = makeScriptedModel([
      { text: 'Hello is hallo in German.' },
      looking,
      { hang: true, deltas: ['In French, it is'] },
      { text: 'In French it is bonjour, and 42.' },
    ]);
    const { say, receive, replyTo, process, world, promise } = stage(model);
    await say('how do I say hello in German?');
    const id = await receive('And now in French, please');
    const turn = process.answerChat(chat, running);
    await model.untilAsked(3);
    await settle();
    world.clock.advance(30_000);
    await turn;
    const reply = await replyTo(id);
    expect(reply).to.equal(
      'In French, it is …\n\nThis takes longer than 30 s, so it goes on in the background as promise #1. The result comes to this chat.',
    );
    process.worker.start();
    await advance(world, 5_000);
    expect(await promise()).to.include({ status: 'completed', result: 'In French it is bonjour, and 42.' });
    const people = model.requests[3]?.conversation.flatMap((step) => (step.role === 'person' && !step.note ? [step.name] : []));
    expect(new Set(people), 'one person asked all of it').to.have.property('size', 1);
    expect(asked(model)[3]).to.deep.equal([
      ...['how do I say hello in German?', 'Hello is hallo in German.', 'And now in French, please', '', 'forty-two', reply],
      'And now in French, please',
    ]);
    await process.worker.stop(0);
  });

  it('removes false claims from the part of a reply that people saw before it ran out of time', async () => {
    const { receive, replyTo, process, world } = stage(
      makeScriptedModel([{ hang: true, deltas: ['I am on it: promise #77 is made. Bonjour'] }]),
    );
    const id = await receive('in French, please');
    const turn = process.answerChat(chat, running);
    await settle();
    world.clock.advance(30_000);
    await turn;
    expect(await replyTo(id)).to.match(/^There is no promise #77 .*in the background as promise #1\./s);
  });

  it('begins the promise with its question alone if the conversation was reset meanwhile', async () => {
    const model = makeScriptedModel([{ text: 'Hallo.' }, { hang: true }, { text: 'Bonjour.' }]);
    const { say, receive, process, world } = stage(model);
    await say('hello in German?');
    await receive('And now in French, please');
    const turn = process.answerChat(chat, running);
    await model.untilAsked(2);
    world.clock.advance(30_000);
    await turn;
    await say('/new');
    process.worker.start();
    await advance(world, 5_000);
    expect(asked(model)[2]).to.deep.equal(['And now in French, please']);
    await process.worker.stop(0);
  });
});

describe('A promise whose model asked to be left alone', () => {
  const tired = failure('rate-limited', { retryable: true, retryAfterMs: HOUR_MS });

  it('keeps a promise after the time that its model asked for, however often the model asks again', async () => {
    const model = makeScriptedModel([...[1, 2, 3, 4].map(() => ({ error: tired })), looking, { text: 'It is 42.' }]);
    const { process, world, promise } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    for (let hour = 1; hour <= 4; hour++) {
      await advance(world, HOUR_MS - 5_000, 60_000);
      expect(model.requests).to.have.length(hour);
      expect(await promise()).to.deep.include({ status: 'pending', failures: 0, attempts: 0 });
      await advance(world, 10_000, 1_000);
    }
    expect(await promise()).to.include({ status: 'completed', result: 'It is 42.' });
    await process.worker.stop(0);
  });

  it('fails a promise for good if its model asks to be left alone for a day', async () => {
    const { process, world, promise } = stage(makeScriptedModel(Array.from({ length: 40 }, () => ({ error: tired }))));
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await advance(world, 20 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.include({ status: 'pending' });
    await advance(world, 10 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.deep.include({ status: 'failed', error: { code: 'rate-limited', message: 'it was rate-limited' } });
    await process.worker.stop(0);
  });

  it('counts an attempt that had begun its work before the model asked to be left alone, and asks again after at most a day', async () => {
    const forever = failure('rate-limited', { retryable: true, retryAfterMs: 1e15 });
    const model = makeScriptedModel([{ ...looking, usage: tokens(1) }, { error: forever }, looking, { text: 'It is 42.' }]);
    const { process, world, promise } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await advance(world, 10_000);
    expect(await promise()).to.deep.include({ status: 'pending', failures: 1 });
    await advance(world, 25 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.include({ status: 'completed' });
    await process.worker.stop(0);
  });

  it('counts no attempt if the model was not asked at all, and tells a chat when to send again', async () => {
    const scripted = makeScriptedModel([{ error: tired }, looking, { text: 'It is 42.' }], 'x/a');
    const world = makeWorld();
    const model = makeResilientModel([scripted], {
      clock: world.clock,
      randomness: makeSeededRandomness(1),
      events: logged(makeRecordingLogger()),
    });
    const staged = stage({ name: model.name, respond: (request, asking) => model.respond(request, asking) });
    // The rests go by the clock of the model's own world: both move together.
    const move = async (ms: number): Promise<void> => {
      world.clock.advance(ms);
      await advance(staged.world, ms, 60_000);
    };
    expect(await staged.say('hi')).to.match(/Please send it again after/);
    await staged.process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    staged.process.worker.start();
    await move(60_000);
    expect(await staged.promise()).to.deep.include({ status: 'pending', failures: 0, attempts: 0 });
    expect(await staged.say('/promises')).to.match(/^#1 pending \(again at 2026-11-22 (12:59|13:0\d)\): look$/);
    expect(await staged.say('hi again'), 'not asked first again').to.match(/Please send it again after/);
    expect(scripted.requests).to.have.length(1);
    await move(HOUR_MS);
    expect(await staged.promise()).to.include({ status: 'completed', result: 'It is 42.' });
    await staged.process.worker.stop(0);
  });
});
