import { expect } from 'chai';
import { makeAgentExecutor, makeRunAgent, PROMISE_AGENT } from '../../src/application/index.ts';
import { type AgentPromise, chatId, type LeasedPromise, type PromiseTerms, promiseId } from '../../src/domain/index.ts';
import { PortError, type Tool, type ToolContext } from '../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  GROUP,
  makeFixedClock,
  makeRecordingLogger,
  makeScriptedModel,
  promiseAfter,
  START,
} from '../../src/testing/index.ts';
import { redact } from './stage.ts';

const signal = new AbortController().signal;
const progress = (): void => undefined;
const leased = (terms: Partial<PromiseTerms> = {}): LeasedPromise =>
  promiseAfter(buildPromise(terms), { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;

const away = (retryable: boolean) => new PortError('unavailable', 'PostgreSQL at 192.0.2.7:5432/kept refuses', { retryable });
const parent = promiseAfter(
  buildPromise({ id: promiseId(7), description: 'list the timetables' }),
  { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
  { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'There are three.' },
);

const stage = (
  policy = buildPolicy(),
  parents: readonly AgentPromise[] = [],
  { outage = [], answer = 'Found nothing.' }: { readonly outage?: PortError[]; readonly answer?: string } = {},
) => {
  const contexts: ToolContext[] = [];
  const look: Tool = {
    ...{ name: 'read_file', description: '', inputSchema: {}, risk: 'safe' },
    run: async (_, context) => {
      contexts.push(context);
      return { output: 'nothing', isError: false };
    },
  };
  const promise = { ...look, name: 'make_promise' };
  const model = makeScriptedModel([{ toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] }, { text: answer }]);
  const clock = makeFixedClock();
  const logger = makeRecordingLogger();
  const runAgent = makeRunAgent({ model, tools: [look, promise], logger, redact });
  return {
    model,
    contexts,
    clock,
    executor: makeAgentExecutor({
      promises: {
        getMany: async (ids) => {
          const failure = outage.shift();
          if (failure) throw failure;
          return parents.filter(({ id }) => ids.includes(id));
        },
      },
      runAgent,
      agent: PROMISE_AGENT,
      policy,
      clock,
      logger,
    }),
  };
};

describe('doing the work of a promise', () => {
  it('rule 6: runs its agent over the description, in the scope of the chat that asked, where nothing can be promised', async () => {
    const { executor, model, contexts } = stage();
    const told: string[] = [];
    const text = await executor.execute(leased({ chatId: GROUP }), { signal, progress: (words) => told.push(words) });
    expect(text).to.equal('Found nothing.');
    expect(told).to.deep.equal(['reading files']);
    expect(model.requests[0]?.conversation).to.deep.equal([{ role: 'person', name: 'ada', text: 'Compare the three timetables' }]);
    expect(model.requests[0]?.tools.map(({ name }) => name)).to.deep.equal(['read_file']);
    expect(contexts[0]).to.deep.include({
      chatId: GROUP,
      messageId: 1,
      scope: { workspace: 'Railway', directory: '/srv/railway' },
      signal,
    });
    expect(contexts[0]).not.to.have.property('draft');
  });

  it('a promise that waited for others is shown what they found', async () => {
    const { executor, model } = stage(buildPolicy(), [parent]);
    await executor.execute({ ...leased({ chatId: GROUP }), dependsOn: [parent.id] }, { signal, progress });
    expect(model.requests[0]?.conversation).to.deep.equal([
      { role: 'person', name: 'ada', text: 'list the timetables' },
      { role: 'agent', text: 'There are three.', toolCalls: [] },
      { role: 'person', name: 'ada', text: 'Compare the three timetables' },
    ]);
  });

  for (const [read, dependsOn, answer] of [
    ['what others found', [parent.id], 'Found nothing.'],
    ['the promises that its result names', [], 'Promise #7 has it; promise #7 is done.'],
  ] as const) {
    it(`while storage is away, ${read} is asked for again: the run goes on when it is back`, async () => {
      const outage = [away(true), away(true)];
      const { executor, clock, model } = stage(buildPolicy(), [{ ...parent, chatId: GROUP }], { outage, answer });
      const run = executor.execute({ ...leased({ chatId: GROUP }), dependsOn }, { signal, progress });
      for (const waitMs of [1_000, 2_000]) {
        expect(await Promise.race([run, clock.untilTimer()])).to.equal(clock.now() + waitMs);
        clock.advance(waitMs);
      }
      expect(await run).to.equal(answer);
      expect([outage.length, model.remaining, clock.timers]).to.deep.equal([0, 0, 0]);
    });

    it(`what storage says when ${read} can't be read stays out of the failure: at a stop, and where asking again is no use`, async () => {
      const ending = new AbortController();
      const stopped = stage(buildPolicy(), [], { outage: [away(true)], answer });
      const given = { ...leased({ chatId: GROUP }), dependsOn };
      const atStop = stopped.executor.execute(given, { signal: ending.signal, progress }).catch((error: unknown) => error);
      await Promise.race([atStop, stopped.clock.untilTimer()]);
      ending.abort();
      const refused = stage(buildPolicy(), [], { outage: [away(false)], answer });
      const forGood = refused.executor.execute(given, { signal, progress }).catch((error: unknown) => error);
      for (const [failure, retryable] of [
        [await atStop, true],
        [await forGood, false],
      ] as const)
        expect(failure).to.include({ code: 'unavailable', retryable, message: "Kept's storage can't be used just now." });
    });
  }

  it('invariant 4: a chat or person that is no longer allowed gets no work done, for good', async () => {
    for (const [policy, id] of [
      [buildPolicy({ workspaces: [] }), GROUP],
      [buildPolicy({ whitelist: { userIds: new Map(), usernames: new Map(), defaultDirectory: '/' } }), chatId(501)],
    ] as const) {
      const { executor, model } = stage(policy);
      const failure = await executor.execute(leased({ chatId: id }), { signal, progress }).catch((error: unknown) => error);
      expect(failure).to.include({ code: 'unauthorised', retryable: false });
      expect(model.requests).to.deep.equal([]);
    }
  });
});
