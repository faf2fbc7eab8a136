import { expect } from 'chai';
import { PROMISE_AGENT } from '../../../src/application/index.ts';
import { MAX_LOST_LEASES, NO_USAGE, promiseId } from '../../../src/domain/index.ts';
import type { LanguageModel, Tool } from '../../../src/ports/index.ts';
import { buildTool, makeScriptedModel, START, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { makeLifetime, type ProcessLifetime } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle, type World } from '../support/harness.ts';

const chatId = telegramChat(501);
const id = promiseId(1);
const REPLY = { ...NO_USAGE, inputTokens: 1 };

/** Looks, sends, and says so, by what the conversation holds: another process goes on with it. */
const steadyModel = (text = 'All is sent to everybody.') => {
  let asked = 0;
  const model: LanguageModel = {
    name: 'steady/steady-1',
    respond: async ({ conversation }) => {
      asked++;
      const done = conversation.filter(({ role }) => role === 'tool').length;
      const tool = ['look', 'send'][done];
      const toolCalls = tool === undefined ? [] : [{ id: `c${done}`, tool, input: {} }];
      return { text: tool ?? text, toolCalls, stop: tool ? 'tool_calls' : 'end', usage: REPLY, model: 'steady-1' };
    },
  };
  return { model, asked: () => asked };
};

const look = buildTool({ name: 'look', effect: 'reads' });
const agent = { ...PROMISE_AGENT, tools: ['look', 'send'] };

/** Processes that keep one promise, one after the other, with one model and one tool that acts. */
const stage = async (send: Tool, model: LanguageModel = steadyModel().model, terms: { readonly deadline?: number } = {}) => {
  const world = makeWorld();
  const worker = (life: ProcessLifetime = makeLifetime(), options: Pick<ProcessOptions, 'model' | 'executor' | 'tools'> = {}) =>
    makeProcess(world, { model, executor: 'agent', mayAct: true, agent, tools: [look, send], life, ...options });
  await worker().make({ description: 'send it', ...terms }, { chatId, chatKind: 'direct', requestedBy: { id: telegramUser(501) } });
  return {
    world,
    worker,
    promise: () => world.storage.stores.promises.get(id),
    runs: () => world.storage.stores.journal.ofPromise(id, 9),
    used: async () => (await world.storage.stores.turns.usage(chatId, 0)).inputTokens,
  };
};

const sending = (run: Tool['run'] = async () => ({ output: 'sent', isError: false })) => {
  const calls: unknown[] = [];
  const send = buildTool({
    name: 'send',
    effect: 'acts',
    run: (input, context) => {
      calls.push(input);
      return run(input, context);
    },
  });
  return { send, calls };
};
const never = (): Promise<never> => new Promise(() => undefined);

/** The texts that the chat was told. */
const told = async (world: World): Promise<readonly string[]> =>
  (await world.storage.stores.conversations.recent(chatId, 9)).flatMap(({ step }) => (step.role === 'agent' ? [step.text] : []));

describe('The run of a promise', () => {
  it('counts each stored reply once, wherever the process that works on it dies', async () => {
    for (let at = 1; ; at++) {
      const { model, asked } = steadyModel();
      const { send, calls } = sending();
      const { world, worker, promise, used } = await stage(send, model);
      const life = makeLifetime();
      const first = worker(life);
      life.endAfter(at);
      first.worker.start();
      await advance(world, 40_000);
      const hasDied = life.ended;
      if (!hasDied) await first.worker.stop(0);
      const second = worker();
      second.worker.start();
      await advance(world, 80_000);
      await second.worker.stop(0);
      expect((await promise())?.status, `death at ${at}`).to.equal('completed');
      expect(calls.length, `death at ${at}`).to.be.at.most(1);
      // The reply that a process had in its hands when it died is known to nobody.
      expect(await used(), `death at ${at}, ${asked()} replies`).to.be.within(asked() - (hasDied ? 1 : 0), asked());
      expect(await used(), `death at ${at}`).to.be.at.least(3);
      if (!hasDied) break;
    }
  });

  it('stores its last reply, its end and its usage in one unit of work with the end of its promise', async () => {
    const { send } = sending();
    const { world, runs, used } = await stage(send);
    const units: string[][] = [];
    const { unitOfWork } = world.storage;
    const counting = {
      ...world.storage,
      unitOfWork: {
        run: <T>(work: Parameters<typeof unitOfWork.run<T>>[0]) => {
          units.push([]);
          return unitOfWork.run(work);
        },
      },
    };
    const { model } = steadyModel();
    const process = makeProcess(
      { ...world, storage: counting },
      { model, executor: 'agent', mayAct: true, agent, tools: [look, send], onUnitCall: (call) => units.at(-1)?.push(call) },
    );
    process.worker.start();
    await settle();
    const ends = units.filter((calls) => calls.includes('promises.update'));
    expect(ends).to.have.length(1);
    expect(ends[0]).to.include.members(['journal.append', 'journal.countUsage', 'journal.end', 'turns.add']);
    const [run] = await runs();
    expect(run?.steps.map(({ kind }) => kind)).to.deep.equal(['model', 'tool', 'model', 'intent', 'tool', 'model']);
    expect([run?.endedAt, run?.counted]).to.deep.equal([START, 6]);
    expect(await used()).to.equal(3);
    await process.worker.stop(0);
  });

  it('is handed back where another process goes on with it: nothing failed, and nobody is told', async () => {
    const { send } = sending();
    const { world, worker, promise, runs } = await stage(send);
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { model } = steadyModel();
    const held: LanguageModel = {
      ...model,
      respond: async (request, options) => {
        if (request.conversation.some(({ role }) => role === 'tool')) {
          begun.resolve();
          await goOn.promise;
        }
        return model.respond(request, options);
      },
    };
    const fenced = worker(makeLifetime(), { model: held });
    fenced.worker.start();
    await begun.promise;
    const [run] = await runs();
    if (!run) throw new Error('no run was stored');
    const other = { kind: 'model', at: START, durationMs: 1, model: 'other', usage: REPLY, stop: 'end', text: 'mine', calls: [] } as const;
    await world.storage.stores.journal.append({ run, writer: 'another', from: run.steps.length, steps: [other] });
    goOn.resolve();
    await settle();
    const [ended] = fenced.recorded.of('promise-attempt-ended');
    expect([ended?.end, ended?.reason]).to.deep.equal(['hand-back', undefined]);
    expect(fenced.recorded.of('executor-crashed')).to.deep.equal([]);
    await settle();
    expect(await promise()).to.include({ status: 'completed', failures: 0, attempts: 1, result: 'mine' });
    expect(await told(world)).to.have.length(1);
    await fenced.worker.stop(0);
  });

  it('tells people of an act that nobody knows the end of when its promise is cancelled', async () => {
    const { send } = sending(never);
    const { world, worker, promise, used, runs } = await stage(send);
    const process = worker();
    process.worker.start();
    await settle();
    await process.cancel(id);
    await advance(world, 6_000);
    expect((await promise())?.status).to.equal('cancelled');
    expect((await told(world)).join('\n')).to.match(/By the operator\. \(Kept was interrupted while it ran send\. .* please check\.\)$/);
    expect(await used()).to.equal(2);
    expect((await runs())[0]?.endedAt).to.equal(START);
    await process.worker.stop(0);
  });

  it('tells people of such an act, and counts its replies, when nobody is left to end it', async () => {
    const ends = {
      cancelled: async (process: ReturnType<typeof makeProcess>) => void (await process.cancel(id)),
      expired: async (process: ReturnType<typeof makeProcess>, world: World) => {
        process.deadlines.start();
        await advance(world, 20_000);
      },
    };
    for (const [how, end] of Object.entries(ends)) {
      const { send } = sending(never);
      const { world, worker, promise, used } = await stage(send, undefined, { deadline: START + 10_000 });
      const life = makeLifetime();
      worker(life).worker.start();
      await settle();
      life.end();
      expect(await used(), how).to.equal(0);
      await end(worker(), world);
      expect((await promise())?.status, how).to.be.oneOf(['cancelled', 'failed']);
      expect((await told(world)).join('\n'), how).to.include('Kept was interrupted while it ran send');
      expect(await used(), how).to.equal(2);
    }
  });

  it('goes on, however often its workers die, as long as it gets further in between', async () => {
    const steps = MAX_LOST_LEASES + 4;
    let life = makeLifetime();
    let looks = 0;
    const counting: LanguageModel = {
      name: 'counting/counting-1',
      respond: async ({ conversation }) => {
        const done = conversation.filter(({ role }) => role === 'tool').length;
        const toolCalls = done < steps ? [{ id: `c${done}`, tool: 'look', input: {} }] : [];
        return { text: 'Looked everywhere.', toolCalls, stop: done < steps ? 'tool_calls' : 'end', usage: REPLY, model: 'counting-1' };
      },
    };
    // At each step the first look kills the worker, and the second one sees.
    const deadly = buildTool({
      name: 'look',
      effect: 'reads',
      run: async () => {
        if (looks++ % 2 === 1) return { output: 'seen', isError: false };
        life.end();
        return never();
      },
    });
    const { world, worker, promise } = await stage(sending().send, counting);
    for (let worked = 0; worked <= steps; worked++) {
      life = makeLifetime();
      worker(life, { tools: [deadly] }).worker.start();
      await settle();
      if (life.ended) await advance(world, 31_000);
    }
    expect(await promise()).to.deep.include({ status: 'completed', result: 'Looked everywhere.', lostLeases: steps });
    expect(looks).to.equal(2 * steps);
  });

  it('tells people of such an act when workers died too often, and when its deadline passes in the middle', async () => {
    const { send } = sending(never);
    const { world, worker, promise, used } = await stage(send);
    // Each of the two replies that are stored allows for one death more.
    for (let lost = 0; lost <= MAX_LOST_LEASES + 2; lost++) {
      const life = makeLifetime();
      const dying = worker(life, lost === 0 ? {} : { executor: { execute: never } });
      dying.worker.start();
      await settle();
      life.end();
      await advance(world, 31_000);
    }
    const last = worker();
    last.worker.start();
    await settle();
    expect(await promise()).to.have.nested.property('error.code', 'promise/worker-lost');
    expect((await told(world)).join('\n')).to.include('Kept was interrupted while it ran send');
    expect(await used()).to.equal(2);

    const slow = await stage(sending(never).send, undefined, { deadline: START + 10_000 });
    const process = slow.worker();
    process.worker.start();
    await advance(slow.world, 20_000);
    expect(await slow.promise()).to.have.nested.property('error.code', 'promise/deadline-passed');
    expect((await told(slow.world)).join('\n')).to.include('Kept was interrupted while it ran send');
    expect(await slow.used()).to.equal(2);
    await process.worker.stop(0);
  });

  it('is asked what it claims once: a process that goes on takes over the question and its answer', async () => {
    const gated = (): Parameters<typeof makeScriptedModel>[0] => [
      { text: 'look', toolCalls: [{ id: 'a', tool: 'look', input: {} }], usage: REPLY },
      { text: "I'll get back to you with the rest.", usage: REPLY },
      { text: 'send', toolCalls: [{ id: 'b', tool: 'send', input: {} }], usage: REPLY },
      { hang: true },
    ];
    const { send, calls } = sending();
    const { world, worker, promise, used } = await stage(send);
    const life = makeLifetime();
    const model = makeScriptedModel(gated());
    worker(life, { model }).worker.start();
    await model.untilAsked(4);
    await settle();
    life.end();
    await advance(world, 31_000);
    const next = makeScriptedModel([{ text: 'All is sent.', usage: REPLY }]);
    const process = worker(makeLifetime(), { model: next });
    process.worker.start();
    await settle();
    expect(await promise()).to.include({ status: 'completed', result: 'All is sent.' });
    expect(next.requests.map(({ conversation }) => conversation)).to.deep.equal([model.requests[3]?.conversation]);
    expect(calls).to.have.length(1);
    expect(await used()).to.equal(4);
    await process.worker.stop(0);
  });
});
