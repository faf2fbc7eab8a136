import { expect } from 'chai';
import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { type ChatId, promiseId } from '../../../src/domain/index.ts';
import type { ModelReply, ModelRequest } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildWorkspace,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
  workResult,
} from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import {
  advance as inSteps,
  makeProcess,
  makeWorld,
  type Process,
  type ProcessOptions,
  settle,
  TURN,
  type World,
} from '../support/harness.ts';

const OLD = telegramChat(-2_001);
const NEW = telegramChat(-1_001_500_002_001);
const MOVE = { from: OLD, to: NEW };
const policy = buildPolicy({ workspaces: [buildWorkspace({ chatIds: [OLD], isDevGroup: true })] });

const inGroup = (chat: ChatId, id: number, text: string) =>
  buildMessage({ chatId: chat, messageId: telegramMessage(id), chatKind: 'group', text, addressedTo: 'us' });
const says = (text: string): ScriptedStep => ({ text });
const promises = (description: string): ScriptedStep => ({
  text: '',
  stop: 'tool_calls',
  toolCalls: [{ id: 'c1', tool: 'make_promise', input: { description } }] as ModelReply['toolCalls'],
});

/** Promises what it is asked to do in the background, and then says so; knows nothing but a greeting. */
const replies = ({ conversation }: ModelRequest): ScriptedStep => {
  const last = conversation.findLast((step) => !(step.role === 'person' && step.note));
  if (last?.role === 'tool') return says(`That is promise ${last.output}.`);
  return last?.role === 'person' && last.text.includes('background') ? promises('count') : says('Good evening.');
};
const talk = () => Array.from({ length: 20 }, () => replies);

const stage = (script: Parameters<typeof makeScriptedModel>[0] = [], options: Partial<ProcessOptions> = {}, world: World = makeWorld()) => {
  const model = makeScriptedModel(script);
  return { world, model, process: makeProcess(world, { policy, model, ...options }) };
};
const sentIn = ({ gateway }: World, chat: ChatId) => gateway.sent.filter((message) => message.chatId === chat);
const textsIn = (world: World, chat: ChatId): readonly string[] => sentIn(world, chat).map(({ text }) => text);
/** As the gateway does: the old id takes nothing any more, and the move is told. */
const migrate = async ({ gateway }: World, process: Process): Promise<void> => {
  await gateway.move(MOVE);
  await process.followMove(MOVE);
};
const pass = async ({ clock }: World, ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 500) {
    await settle();
    clock.advance(500);
  }
  await settle();
};

describe('A chat that goes on under another id', () => {
  it('gets what was promised in the old one, with no reply to a message that is not there', async () => {
    const done = Promise.withResolvers<string>();
    const { world, process } = stage([promises('count the trains'), says('That is promise #1.')], {
      executor: { execute: async () => workResult(await done.promise) },
    });
    process.start();
    await process.receive(inGroup(OLD, 5, 'count the trains in the background'));
    await pass(world, 2_000);
    expect(textsIn(world, OLD)).to.have.length(1);
    await migrate(world, process);
    done.resolve('Seven trains.');
    await pass(world, 2_000);
    const [outcome, ...more] = sentIn(world, NEW);
    expect(more).to.deep.equal([]);
    expect(outcome?.text).to.include('Seven trains.');
    expect(outcome?.replyTo).to.equal(undefined);
    expect(textsIn(world, OLD)).to.have.length(1);
    const promise = await world.storage.stores.promises.get(promiseId(1));
    expect(promise).to.deep.include({ chatId: NEW, status: 'completed' });
    expect(promise && 'deliveredAt' in promise).to.equal(true);
  });

  it('is answered under the workspace that names its old id, from the conversation of before, also by the next process', async () => {
    const world = makeWorld();
    const first = stage([says('Noted.')], {}, world);
    first.process.start();
    await first.process.receive(inGroup(OLD, 5, 'the colour is green'));
    await pass(world, 1_000);
    await migrate(world, first.process);
    first.process.life.end();
    const second = stage([says('Green.')], {}, world);
    await second.process.loadMoves();
    second.process.start();
    const record = await second.process.receive(inGroup(NEW, 5, 'what colour?'));
    expect(record.access).to.deep.include({ allowed: true, rule: 'workspace-group', path: 'workspaces.Railway.telegram_chat_ids' });
    await pass(world, 1_000);
    expect(JSON.stringify(second.model.requests[0]?.conversation)).to.include('the colour is green');
    expect(sentIn(world, NEW).map(({ text, replyTo }) => [text, replyTo])).to.deep.equal([['Green.', telegramMessage(5)]]);
  });

  it('answers what waited in the old one first, and replies to nothing there', async () => {
    const { world, process } = stage([says('one'), says('two')]);
    await process.receive(inGroup(OLD, 5, 'first'));
    await migrate(world, process);
    await process.receive(inGroup(NEW, 5, 'second'));
    process.start();
    await pass(world, 3_000);
    expect(sentIn(world, NEW).map(({ text, replyTo }) => [text, replyTo])).to.deep.equal([
      ['one', undefined],
      ['two', telegramMessage(5)],
    ]);
    const { messages } = world.storage.stores;
    for (const chat of [OLD, NEW]) expect((await messages.get(chat, telegramMessage(5)))?.verdict?.kind).to.equal('answered');
  });

  it('knows commands that were sent to the old one, and promises that were made there', async () => {
    const { world, process } = stage([promises('count'), says('That is promise #1.')], {
      executor: { execute: (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
    });
    process.start();
    await process.receive(inGroup(OLD, 5, 'count in the background'));
    await pass(world, 1_000);
    await process.receive(inGroup(OLD, 6, '/promises'));
    await migrate(world, process);
    await pass(world, 2_000);
    await process.receive(inGroup(NEW, 2, '/cancel 1'));
    await pass(world, 2_000);
    const [listed, ...others] = textsIn(world, NEW);
    expect(listed).to.include('#1');
    expect(
      others.some((text) => text.includes('#1') && /cancelled|given up/i.test(text)),
      others.join('\n'),
    ).to.equal(true);
    expect((await world.storage.stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
  });

  it('stops the turn that began in the old one, and answers none of what it was asked', async () => {
    const { world, process, model } = stage([{ hang: true }]);
    process.start();
    await process.receive(inGroup(OLD, 5, 'a long story'));
    await model.untilAsked(1);
    await migrate(world, process);
    await process.receive(inGroup(NEW, 2, '/stop'));
    await pass(world, 3_000);
    expect(textsIn(world, NEW)).to.deep.equal(['Stopped, as you asked. Nothing was changed.']);
    expect((await world.storage.stores.messages.get(OLD, telegramMessage(5)))?.verdict?.kind).to.equal('answered');
  });

  it('tells a model who spoke by the chat that it was said in, and nobody of whom that is not known any more', async () => {
    const { world, process, model } = stage([says('Noted.'), says('Green.')]);
    const eve = { id: telegramUser(666), displayName: 'Ada', kind: 'person' } as const;
    const running = new AbortController().signal;
    await process.receive(inGroup(OLD, 1, 'the colour is green'));
    await process.answerChat(OLD, running);
    await process.receive(inGroup(OLD, 5, 'what colour?'));
    await migrate(world, process);
    await process.receive({ ...inGroup(NEW, 5, 'the colour is red'), sender: eve, addressedTo: 'other' });
    await process.answerChat(NEW, running);
    const names = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'person' && !step.note ? [step.name] : []));
    expect(names).to.deep.equal(['Ada (id not known)', 'Ada (id 666)', 'Ada (@ada)']);
  });

  it('forgets with /new what was said in the old one', async () => {
    const { world, process, model } = stage([says('Noted.'), says('I do not know.')]);
    process.start();
    await process.receive(inGroup(OLD, 5, 'the colour is green'));
    await pass(world, 1_000);
    await migrate(world, process);
    await process.receive(inGroup(NEW, 2, '/new'));
    await pass(world, 1_000);
    await process.receive(inGroup(NEW, 3, 'what colour?'));
    await pass(world, 1_000);
    expect(JSON.stringify(model.requests[1]?.conversation)).not.to.include('green');
  });

  it('gets the answer of a turn that runs meanwhile, and the promise that it makes', async () => {
    const { world, process, model } = stage([replies, { hang: true }], { turn: { ...TURN, replyTimeoutMs: 5_000 } });
    process.start();
    await process.receive(inGroup(OLD, 5, 'count in the background'));
    await model.untilAsked(2);
    await migrate(world, process);
    await pass(world, 8_000);
    const [answer] = sentIn(world, NEW);
    expect(answer?.text).to.include('promise #1');
    expect(answer?.replyTo).to.equal(undefined);
    expect(await world.storage.stores.promises.get(promiseId(1))).to.deep.include({ chatId: NEW });
    expect(textsIn(world, OLD)).to.deep.equal([]);
  });

  it('gets no answer twice that the old one had, with the word of it lost', async () => {
    const { world, process } = stage([says('the answer')]);
    world.gateway.failNext(1, 'after');
    process.start();
    await process.receive(inGroup(OLD, 5, 'question'));
    await world.gateway.untilSent(1);
    await migrate(world, process);
    await pass(world, 10_000);
    expect(textsIn(world, OLD)).to.deep.equal(['the answer']);
    expect(textsIn(world, NEW)).to.deep.equal([]);
    expect(await world.storage.stores.outbox.stats()).to.deep.equal({ pending: 0, sent: 1, failed: 0 });
  });

  it('gets an answer whose send to the old one is refused only after the move is known', async () => {
    const { world, process } = stage([says('the answer')]);
    process.start();
    const refused = Promise.withResolvers<void>();
    const send = world.gateway.send;
    const begun = Promise.withResolvers<void>();
    Object.assign(world.gateway, {
      send: async (message: Parameters<typeof send>[0]) => {
        if (message.chatId === OLD) {
          begun.resolve();
          await refused.promise;
        }
        return send(message);
      },
    });
    const again = makeProcess(world, { policy, model: makeScriptedModel([says('the answer')]) });
    process.life.end();
    again.start();
    await again.receive(inGroup(OLD, 5, 'question'));
    await begun.promise;
    await migrate(world, again);
    refused.resolve();
    await pass(world, 5_000);
    expect(textsIn(world, NEW)).to.deep.equal(['the answer']);
    expect(await world.storage.stores.outbox.stats()).to.deep.equal({ pending: 0, sent: 1, failed: 0 });
  });

  it('is named where a message of the old one is explained', async () => {
    const { world, process } = stage([says('one')]);
    process.start();
    await process.receive(inGroup(OLD, 5, 'question'));
    await pass(world, 1_000);
    await migrate(world, process);
    const { stores } = world.storage;
    const explained = await makeExplainMessage({ stores })(OLD, telegramMessage(5));
    expect(explained?.lines.at(-1)).to.include('goes on as telegram:-1001500002001');
    await process.receive(inGroup(NEW, 5, 'here'));
    expect((await makeExplainMessage({ stores })(NEW, telegramMessage(5)))?.lines.join()).not.to.include('goes on as');
  });

  it('is told of once in the log, with what to change, however often it is told', async () => {
    const { world, process } = stage();
    await migrate(world, process);
    await process.followMove(MOVE);
    const lines = process.logger.lines.filter(({ message }) => message.includes('workspace_config.json'));
    expect(lines.map(({ level }) => level)).to.deep.equal(['warn']);
    for (const part of ['-2001', '-1001500002001', 'Railway']) expect(lines[0]?.message).to.include(part);
  });

  it('loses nothing and says nothing twice, at whatever call of a port the process dies', async () => {
    const live = async (after: number): Promise<number> => {
      const world = makeWorld();
      const options = { executor: { execute: async () => workResult('Seven trains.') } };
      const life = makeLifetime();
      const first = stage(talk(), { ...options, life }, world);
      first.process.start();
      await first.process.receive(inGroup(OLD, 5, 'count in the background'));
      const begun = life.steps;
      if (after > 0) life.endAfter(after);
      await world.gateway.move(MOVE);
      void first.process.followMove(MOVE);
      await pass(world, 3_000);
      const steps = life.steps - begun;
      const next = life.ended ? stage(talk(), options, world).process : first.process;
      if (life.ended) {
        await next.loadMoves();
        next.start();
        await next.followMove(MOVE);
      }
      await inSteps(world, 60_000);
      await next.receive(inGroup(NEW, 2, 'good evening'));
      await pass(world, 5_000);
      const said = world.gateway.sent.map(({ text }) => text);
      const count = (part: string): number => said.filter((text) => text.includes(part)).length;
      const where = `after ${after}: ${JSON.stringify(world.gateway.sent)}`;
      expect([count('That is promise #'), count('Seven trains.'), count('Good evening.')], where).to.deep.equal([1, 1, 1]);
      expect(await world.storage.stores.outbox.stats(), where).to.deep.include({ pending: 0, failed: 0 });
      const [promise, ...others] = await world.storage.stores.promises.find({ limit: 10 });
      expect([promise?.chatId, promise?.status, others], where).to.deep.equal([NEW, 'completed', []]);
      return steps;
    };
    const steps = await live(0);
    expect(steps).to.be.greaterThan(30);
    for (let after = 1; after <= steps; after++) await live(after);
  });
});
