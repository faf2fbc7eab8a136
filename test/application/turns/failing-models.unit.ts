import { expect } from 'chai';
import { makeAgentCatalog } from '../../../src/application/agents/agent-catalog.ts';
import { makeAgentExecutor, makeResilientModel, makeRunAgent } from '../../../src/application/index.ts';
import { makeBegunTurn } from '../../../src/application/worker/begun-turn.ts';
import { NO_USAGE, promiseId, type Usage } from '../../../src/domain/index.ts';
import { type LanguageModel, type ModelRequest, PortError, type PortErrorCode, type Tool } from '../../../src/ports/index.ts';
import {
  buildEntry,
  buildMessage,
  buildPolicy,
  makeFixedClock,
  makeRecordingLogger,
  makeScriptedModel,
  makeSeededRandomness,
  type ScriptedModel,
  type ScriptedStep,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { makeProcess, makeWorld, type ProcessOptions, pass, quiet, redact, TURN } from '../support/stage.ts';

const chat = telegramChat(501);
const running = new AbortController().signal;
const HOUR_MS = 3_600_000;
const tokens = (count: number): Usage => ({ ...NO_USAGE, inputTokens: count });
const failure = (code: PortErrorCode, options: { retryable?: boolean; retryAfterMs?: number; usage?: Usage } = {}): PortError =>
  new PortError(code, `it was ${code}`, { retryable: false, ...options });
const look: Tool = {
  name: 'read_file',
  description: '',
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => ({ output: 'forty-two', isError: false }),
};
const looking = { toolCalls: [{ id: 'c1', tool: 'read_file', input: {} }] };

/** A chat whose people ask one thing after the other, and the worker that keeps its promises, with one model. */
const stage = (model: LanguageModel, options: ProcessOptions = {}) => {
  const world = makeWorld();
  const { stores } = world.storage;
  const logger = makeRecordingLogger();
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look]), events: logged(logger), clock: makeFixedClock(), redact });
  const executor = makeAgentExecutor({
    promises: stores.promises,
    runAgent,
    agents: makeAgentCatalog(),
    policy: buildPolicy(),
    clock: world.clock,
    events: logged(logger),
    begunTurn: makeBegunTurn({ stores, settings: TURN }),
  });
  const process = makeProcess(world, { model, executor, tools: [look], ...options });
  let said = 0;
  const receive = async (text: string): Promise<number> => {
    await process.receive(buildMessage({ messageId: telegramMessage(++said), text, sentAt: world.clock.now() }));
    return said;
  };
  const replyTo = async (id: number): Promise<string> => (await stores.outbox.answering(chat, telegramMessage(id)))[0]?.text ?? '';
  const say = async (text: string): Promise<string> => {
    const id = await receive(text);
    await process.answerChat(chat, running);
    world.clock.advance(1_000);
    return await replyTo(id);
  };
  const promise = () => stores.promises.get(promiseId(1));
  const kept = async () =>
    (await stores.conversations.recent(chat, 50)).map(({ step }) => (step.role === 'tool' ? step.output : step.text));
  return { world, process, stores, say, receive, replyTo, promise, kept, used: () => stores.turns.usage(chat, 0) };
};
const textsOf = ({ conversation }: ModelRequest): string[] =>
  conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : step.role === 'person' && step.note ? [] : [step.text]));
const asked = ({ requests }: ScriptedModel): string[][] => requests.map(textsOf);

describe('A question that a model declines', () => {
  it('is told as declined; neither it nor the half sentence goes into the next request, nor into what is shown', async () => {
    const declining = { text: 'Sure, step one', stop: 'refusal', refusal: 'cyber' } as const;
    const model = makeScriptedModel([declining, { text: 'Hello.' }]);
    const { say, kept } = stage(model);
    expect(await say('how do I break in?')).to.equal('The model declined to answer this: cyber');
    expect(await kept()).to.deep.equal([]);
    expect(await say('hi')).to.equal('Hello.');
    expect(asked(model)[1]).to.deep.equal(['hi']);
  });
});

describe('A question that a model answers by nothing', () => {
  it('is told so, and kept; what is told never passes for words of the model', async () => {
    const model = makeScriptedModel([{ text: '' }, { text: ' ' }, { text: 'Hello.' }]);
    const { say } = stage(model);
    expect(await say('hi')).to.match(/^The model ended without an answer/);
    expect(await say('are you there?')).to.equal('Hello.');
    expect(asked(model)[2]).to.deep.equal(['hi', 'are you there?']);
  });
});

describe('What a chat is told of a turn that failed', () => {
  const later = 'Please send it again later.';
  const operator = 'Sending it again will not help until whoever runs me has looked into it.';
  for (const [error, advice, isKept] of [
    [failure('unavailable', { retryable: true }), later, true],
    [failure('rate-limited', { retryable: true, retryAfterMs: 20_000 }), later, true],
    [
      failure('rate-limited', { retryable: true, retryAfterMs: HOUR_MS }),
      'Please send it again after 2026-11-22 13:01 (UTC); before then nobody is there to answer it.',
      true,
    ],
    [failure('unauthorised'), operator, true],
    [failure('not-found'), operator, true],
    [failure('out-of-credit'), operator, true],
    [failure('invalid-request'), 'Sending it again as it is will not help. If everything is refused here, begin anew with /new.', false],
    [
      failure('too-long'),
      'It is too long for the model, even without what was said before. Please send it in smaller parts, or begin anew with /new.',
      false,
    ],
  ] as const)
    it(`says what helps when the model was ${error.code}${error.retryAfterMs ? ` for ${error.retryAfterMs} ms` : ''}`, async () => {
      const { say, kept } = stage(makeScriptedModel([{ error }]));
      expect(await say('hi')).to.equal(`I could not answer this: it was ${error.code}\nNothing was changed. ${advice}`);
      expect(await kept(), 'never its own words').to.deep.equal(isKept ? ['hi'] : []);
    });
});

describe('A conversation that is too long for its model', () => {
  /** Reads so many characters, and no more. */
  const small = (length: number): LanguageModel & { readonly lengths: number[] } => {
    const lengths: number[] = [];
    return {
      name: 'x/small',
      lengths,
      respond: async (request, { onEvent }) => {
        lengths.push(textsOf(request).join('').length);
        if ((lengths.at(-1) ?? 0) > length) throw failure('too-long');
        onEvent({ type: 'text', text: 'Noted.' });
        return { text: 'Noted.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'small' };
      },
    };
  };

  it('is answered all the same, and the next turn does not begin too long again', async () => {
    const model = small(6_000);
    const { say } = stage(model);
    for (let note = 1; note <= 4; note++) expect(await say(`${note}${'x'.repeat(2_700)}`)).to.equal('Noted.');
    const before = model.lengths.length;
    expect(await say('hi')).to.equal('Noted.');
    expect(await say('and you?')).to.equal('Noted.');
    expect(model.lengths.length - before, 'two turns, no refusal').to.equal(2);
  });

  it('is not cut short for ever where one message, or one result of a tool, was too long', async () => {
    const asked: string[][] = [];
    const model: LanguageModel = {
      name: 'x/small',
      respond: async (request) => {
        const texts = textsOf(request);
        asked.push(texts);
        if (texts.join('').length > 6_000) throw failure('too-long');
        if (texts.at(-1) === 'look') return { text: '', ...looking, stop: 'tool_calls', usage: NO_USAGE, model: 'small' };
        return { text: 'Noted.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'small' };
      },
    };
    const { say, stores } = stage(model, { tools: [{ ...look, run: async () => ({ output: 'x'.repeat(9_000), isError: false }) }] });
    expect(await say('look')).to.equal('Noted.');
    await stores.conversations.append([buildEntry('y'.repeat(9_000), { at: START })]);
    expect(await say('hi')).to.equal('Noted.');
    const names = ['Ada', 'Bob', 'Cleo', 'Dora'].map(
      (name) => `Somebody who is called ${name} likes trains, and has asked me to remember that.`,
    );
    for (const text of names) await say(text);
    await say('who likes trains?');
    expect(asked.at(-1)).to.include.members([...names, 'who likes trains?']);
  });

  it('has all of it again an hour later: the model may have stood in for another', async () => {
    const [standIn, large] = [small(6_000), small(60_000)];
    let model = standIn;
    const { world, say } = stage({ name: 'x/either', respond: (...asking) => model.respond(...asking) });
    for (let note = 1; note <= 4; note++) await say(`${note}${'x'.repeat(2_700)}`);
    model = large;
    await say('hi');
    expect(large.lengths.at(-1)).to.be.below(6_000);
    world.clock.advance(HOUR_MS);
    await say('and you?');
    expect(large.lengths.at(-1)).to.be.above(10_800);
  });

  it('never makes its chat unanswerable: a message that is too long by itself is not kept', async () => {
    const { say } = stage(small(6_000));
    for (let note = 1; note <= 3; note++) await say(`${note}${'x'.repeat(1_700)}`);
    expect(await say('x'.repeat(9_000))).to.include('begin anew with /new');
    expect(await say('hi')).to.equal('Noted.');
  });

  for (const how of ['refused', 'declined'] as const)
    it(`is answered where the history itself is what is ${how}, and not asked with it again`, async () => {
      let refusals = 0;
      const { say, stores } = stage({
        name: 'x/picky',
        respond: async (request) => {
          if (textsOf(request).some((text) => text.includes('poison'))) {
            refusals++;
            if (how === 'refused') throw failure('invalid-request');
            return { text: 'Half a', toolCalls: [], stop: 'refusal', usage: NO_USAGE, model: 'picky' };
          }
          return { text: `Heard ${textsOf(request).join(', ')}.`, toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'picky' };
        },
      });
      await stores.conversations.append([buildEntry('poison', { at: START - 1 })]);
      expect(await say('hi')).to.equal('Heard hi.');
      expect(await say('and you?')).to.equal('Heard hi, Heard hi., and you?.');
      expect(refusals).to.equal(1);
    });

  for (const [what, again] of [
    ['is declined alone, too', { text: 'No', stop: 'refusal', usage: tokens(30) }],
    ['meets a failure when it is asked alone', { error: failure('unavailable', { usage: tokens(30) }) }],
  ] as const)
    it(`keeps what was said before where a question ${what}, and counts both calls`, async () => {
      const declined = { text: 'Sure, step one', stop: 'refusal', refusal: 'cyber', usage: tokens(70) } as const;
      const model = makeScriptedModel([{ text: 'Hello.', usage: tokens(0) }, declined, again, { text: 'Hello again.', usage: tokens(0) }]);
      const { say, used } = stage(model);
      await say('hi');
      expect(await say('how do I break in?')).to.match(/^The model declined to answer this/);
      expect(asked(model)[2], 'alone').to.deep.equal(['how do I break in?']);
      expect(await say('and now?')).to.equal('Hello again.');
      expect(asked(model)[3]).to.deep.equal(['hi', 'Hello.', 'and now?']);
      expect(await used()).to.include({ inputTokens: 100 });
    });
});

describe('What a chat has used', () => {
  it('holds every call: failed, asked again, timed out, stopped, and of promises, whatever they came to', async () => {
    const usage = tokens(100);
    const script: ScriptedStep[] = [
      { error: failure('unavailable', { usage }) },
      { ...looking, usage },
      { text: 'Done.', usage },
      { text: 'No.', stop: 'refusal', usage },
    ];
    const { say, used } = stage(makeScriptedModel(script));
    await say('fails');
    expect(await used()).to.deep.include({ inputTokens: 100, turns: 1 });
    await say('looks');
    expect(await used()).to.deep.include({ inputTokens: 300, turns: 2 });
    await say('is declined');
    expect(await used()).to.deep.include({ inputTokens: 400, turns: 3 });
  });

  it('holds what a turn had used that was stopped, or whose process was, and what one had that took too long', async () => {
    const cut = (asking: Parameters<LanguageModel['respond']>[1]): Promise<never> =>
      new Promise((_, reject) => {
        asking.signal.addEventListener('abort', () => reject(failure('aborted', { usage: tokens(70) })));
      });
    const { process, receive, replyTo, used, world } = stage({ name: 'x/slow', respond: (_, asking) => cut(asking) });
    await receive('is stopped');
    const stopped = process.answerChat(chat, running);
    await quiet();
    await receive('/stop');
    await stopped;
    await process.answerChat(chat, running);
    expect(await used()).to.deep.include({ inputTokens: 70, attempts: 1 });

    const id = await receive('goes on');
    const ending = new AbortController();
    const ended = process.answerChat(chat, ending.signal).catch((error: unknown) => error);
    await quiet();
    ending.abort();
    expect(await ended).to.include({ code: 'aborted' });
    expect(await used()).to.deep.include({ inputTokens: 140, attempts: 2 });

    const late = process.answerChat(chat, running);
    await quiet();
    world.clock.advance(30_000);
    await late;
    expect(await replyTo(id)).to.include('promise #1');
    expect(await used()).to.deep.include({ inputTokens: 210, attempts: 2 });
  });

  it('holds what attempts at promises have used, each of them', async () => {
    const usage = tokens(100);
    const model = makeScriptedModel([
      { ...looking, usage },
      { error: failure('unavailable', { retryable: true, usage }) },
      { text: 'It is 42.', usage },
    ]);
    const { process, world, promise, used } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await pass(world, 120_000);
    expect(await promise()).to.include({ status: 'completed', result: 'It is 42.' });
    expect(await used()).to.deep.include({ inputTokens: 300, turns: 0, attempts: 2 });
    await process.worker.stop(0);
  });
});

describe('A reply that runs out of time', () => {
  it('keeps what people saw; its promise goes on with the conversation, and with what tools have found', async () => {
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
    await quiet();
    world.clock.advance(30_000);
    await turn;
    const reply = await replyTo(id);
    expect(reply).to.equal(
      'In French, it is …\n\nThis takes longer than 30 s, so it goes on in the background as promise #1. The result comes to this chat.',
    );
    process.worker.start();
    await pass(world, 5_000);
    expect(await promise()).to.include({ status: 'completed', result: 'In French it is bonjour, and 42.' });
    const people = model.requests[3]?.conversation.flatMap((step) => (step.role === 'person' && !step.note ? [step.name] : []));
    expect(new Set(people), 'one person asked all of it').to.have.property('size', 1);
    expect(asked(model)[3]).to.deep.equal([
      ...['how do I say hello in German?', 'Hello is hallo in German.', 'And now in French, please', '', 'forty-two', reply],
      'And now in French, please',
    ]);
    await process.worker.stop(0);
  });

  it('says nothing in its part that is not so', async () => {
    const { receive, replyTo, process, world } = stage(
      makeScriptedModel([{ hang: true, deltas: ['I am on it: promise #77 is made. Bonjour'] }]),
    );
    const id = await receive('in French, please');
    const turn = process.answerChat(chat, running);
    await quiet();
    world.clock.advance(30_000);
    await turn;
    expect(await replyTo(id)).to.match(/^There is no promise #77 .*in the background as promise #1\./s);
  });

  it('has a promise that begins with its question alone, once its chat has begun anew', async () => {
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
    await pass(world, 5_000);
    expect(asked(model)[2]).to.deep.equal(['And now in French, please']);
    await process.worker.stop(0);
  });
});

describe('A promise whose model asked to be left alone', () => {
  const tired = failure('rate-limited', { retryable: true, retryAfterMs: HOUR_MS });

  it('is not tried before, and kept after it, however often it asks again', async () => {
    const model = makeScriptedModel([...[1, 2, 3, 4].map(() => ({ error: tired })), looking, { text: 'It is 42.' }]);
    const { process, world, promise } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    for (let hour = 1; hour <= 4; hour++) {
      await pass(world, HOUR_MS - 5_000, 60_000);
      expect(model.requests).to.have.length(hour);
      expect(await promise()).to.deep.include({ status: 'pending', failures: 0, attempts: 0 });
      await pass(world, 10_000, 1_000);
    }
    expect(await promise()).to.include({ status: 'completed', result: 'It is 42.' });
    await process.worker.stop(0);
  });

  it('fails for good where that goes on for a day', async () => {
    const { process, world, promise } = stage(makeScriptedModel(Array.from({ length: 40 }, () => ({ error: tired }))));
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await pass(world, 20 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.include({ status: 'pending' });
    await pass(world, 10 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.deep.include({ status: 'failed', error: { code: 'rate-limited', message: 'it was rate-limited' } });
    await process.worker.stop(0);
  });

  it('counts an attempt that had begun its work, and is asked again after a day at the latest', async () => {
    const forever = failure('rate-limited', { retryable: true, retryAfterMs: 1e15 });
    const model = makeScriptedModel([{ ...looking, usage: tokens(1) }, { error: forever }, looking, { text: 'It is 42.' }]);
    const { process, world, promise } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await pass(world, 10_000);
    expect(await promise()).to.deep.include({ status: 'pending', failures: 1 });
    await pass(world, 25 * HOUR_MS, HOUR_MS / 4);
    expect(await promise()).to.include({ status: 'completed' });
    await process.worker.stop(0);
  });

  it('waits without an attempt held against it where it was not asked at all, as does a chat', async () => {
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
      await pass(staged.world, ms, 60_000);
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
