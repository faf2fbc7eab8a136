import { expect } from 'chai';
import { makeAgentExecutor, makeRunAgent, PROMISE_AGENT } from '../../src/application/index.ts';
import { type AgentPromise, chatId, type LeasedPromise, type PromiseTerms, promiseId } from '../../src/domain/index.ts';
import type { Tool, ToolContext } from '../../src/ports/index.ts';
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

const stage = (policy = buildPolicy(), parents: readonly AgentPromise[] = []) => {
  const contexts: ToolContext[] = [];
  const look: Tool = {
    ...{ name: 'read_file', description: '', inputSchema: {}, risk: 'safe' },
    run: async (_, context) => {
      contexts.push(context);
      return { output: 'nothing', isError: false };
    },
  };
  const promise = { ...look, name: 'make_promise' };
  const model = makeScriptedModel([{ toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] }, { text: 'Found nothing.' }]);
  const logger = makeRecordingLogger();
  const runAgent = makeRunAgent({ model, tools: [look, promise], logger, redact });
  return {
    model,
    contexts,
    executor: makeAgentExecutor({
      promises: { getMany: async (ids) => parents.filter(({ id }) => ids.includes(id)) },
      runAgent,
      agent: PROMISE_AGENT,
      policy,
      clock: makeFixedClock(),
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
    const parent = promiseAfter(
      buildPromise({ id: promiseId(7), description: 'list the timetables' }),
      { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
      { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'There are three.' },
    );
    const { executor, model } = stage(buildPolicy(), [parent]);
    await executor.execute({ ...leased({ chatId: GROUP }), dependsOn: [parent.id] }, { signal, progress });
    expect(model.requests[0]?.conversation).to.deep.equal([
      { role: 'person', name: 'ada', text: 'list the timetables' },
      { role: 'agent', text: 'There are three.', toolCalls: [] },
      { role: 'person', name: 'ada', text: 'Compare the three timetables' },
    ]);
  });

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
