import { expect } from 'chai';
import { makeAgentCatalog } from '../../../src/application/agents/agent-catalog.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { noteOf } from '../../../src/domain/conversation/conversation.ts';
import { type AgentPromise, NO_USAGE, promiseId, type Usage } from '../../../src/domain/index.ts';
import { type LanguageModel, PortError, type Tool, type ToolContext } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  GROUP,
  makeFixedClock,
  makeRecordingLogger,
  makeScriptedModel,
  promiseAfter,
  type ScriptedStep,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { redact } from '../support/harness.ts';
import { BY_MEMBER, leased, progress, signal } from './agent-executor-harness.ts';

const away = (retryable: boolean) => new PortError('unavailable', 'PostgreSQL at 192.0.2.7:5432/kept refuses', { retryable });
const parent = promiseAfter(
  buildPromise({ id: promiseId(7), description: 'list the timetables' }),
  { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
  { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'There are three.' },
);

const ASKED = { role: 'person', name: 'ada', text: 'Compare the three timetables', at: START, provenance: BY_MEMBER } as const;

type ExecutorDeps = Parameters<typeof makeAgentExecutor>[0];

const makeExecutor = (
  policy = buildPolicy(),
  parents: readonly AgentPromise[] = [],
  {
    outage = [],
    answer = 'Found nothing.',
    timeZone = 'UTC',
    showFiles,
  }: {
    readonly outage?: PortError[];
    readonly answer?: string;
    readonly timeZone?: string;
    readonly showFiles?: ExecutorDeps['showFiles'];
  } = {},
) => {
  const contexts: ToolContext[] = [];
  const look: Tool = {
    name: 'read_file',
    description: '',
    inputSchema: {},
    effect: 'reads',
    activity: 'reading files',
    timeoutMs: 30_000,
    run: async (_, context) => {
      contexts.push(context);
      return { output: 'nothing', isError: false };
    },
  };
  const promise = { ...look, name: 'make_promise' };
  const model = makeScriptedModel([{ toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] }, { text: answer }]);
  const clock = makeFixedClock();
  const logger = makeRecordingLogger();
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look, promise]), events: logged(logger), clock: makeFixedClock(), redact });
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
      agents: makeAgentCatalog(),
      policy,
      clock,
      events: logged(logger),
      timeZone,
      showFiles,
    }),
  };
};

describe('The agent that does the work of a promise', () => {
  it('runs its agent over the description, in the scope of the chat that asked, with no tool that makes promises (rule 6)', async () => {
    const { executor, model, contexts } = makeExecutor();
    const told: string[] = [];
    const ending = new AbortController();
    const { text } = await executor.execute(leased({ chatId: GROUP }), { signal: ending.signal, progress: (words) => told.push(words) });
    expect(text).to.equal('Found nothing.');
    expect(told).to.deep.equal(['reading files']);
    expect(withoutNotes(model.requests[0]?.conversation)).to.deep.equal([ASKED]);
    expect(model.requests[0]?.tools.map(({ name }) => name)).to.deep.equal(['read_file', 'report_failure']);
    expect(contexts[0]).to.deep.include({
      chatId: GROUP,
      messageId: telegramMessage(1),
      scope: { workspace: 'Railway', directory: '/srv/railway' },
    });
    expect(contexts[0]?.signal.aborted).to.equal(false);
    ending.abort();
    expect(contexts[0]?.signal.aborted, 'the signal of a tool follows that of its run').to.equal(true);
    expect(contexts[0]).not.to.have.property('draft');
  });

  it('shows the files of the message that asked, from the directory of its chat', async () => {
    const media = [{ kind: 'text', name: 'inbox/a.txt', text: 'hello' }] as const;
    const asked: unknown[] = [];
    let endedAfter = 0;
    const { executor, model } = makeExecutor(buildPolicy(), [], {
      showFiles: async (steps, { chatId, asked: about, directory, ended }) => {
        asked.push({ chatId, about, directory });
        ended.addEventListener('abort', () => {
          endedAfter = model.requests.length;
        });
        return steps.map((step) => (step.role === 'person' && step.messageId === telegramMessage(1) ? { ...step, media } : step));
      },
    });
    await executor.execute(leased({ chatId: GROUP }), { signal, progress });
    expect(asked).to.deep.equal([{ chatId: GROUP, about: [telegramMessage(1)], directory: '/srv/railway' }]);
    expect([endedAfter, model.requests.length], 'they are needed until the end of the run').to.deep.equal([2, 2]);
    expect(withoutNotes(model.requests[0]?.conversation)).to.deep.equal([{ ...ASKED, messageId: telegramMessage(1), media }]);
  });

  it('fails a promise for good if it names an unknown agent, and lists the known ones', async () => {
    const { executor, model } = makeExecutor();
    const failure = await executor.execute(leased({ agent: 'notion_scout' }), { signal, progress }).catch((error: unknown) => error);
    expect(failure).to.include({
      code: 'not-found',
      retryable: false,
      message:
        'There is no agent named "notion_scout"; there are telegram_chat_agent, valor_agent. If it is new, Kept has to be restarted to know it; then this promise can be retried.',
    });
    expect(model.requests).to.deep.equal([]);
  });

  it('resolves to all usage of its run, and to the model that wrote the result', async () => {
    const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 1, cacheWriteTokens: 0 };
    const refused = new PortError('too-long', 'too long', { retryable: false, usage });
    const script: readonly ScriptedStep[] = [
      { toolCalls: [{ id: 'r', tool: 'read_file', input: {} }], usage },
      { error: refused },
      { text: 'Three.', usage },
    ];
    const long: Tool = {
      name: 'read_file',
      description: '',
      inputSchema: {},
      effect: 'reads',
      activity: 'looking',
      timeoutMs: 30_000,
      run: async () => ({ output: 'x'.repeat(9_000), isError: false }),
    };
    const logger = makeRecordingLogger();
    const paid: Usage[] = [];
    const result = await makeAgentExecutor({
      promises: { getMany: async () => [] },
      runAgent: makeRunAgent({
        ...modelAndTools(makeScriptedModel(script), [long]),
        events: logged(logger),
        clock: makeFixedClock(),
        redact,
      }),
      agents: makeAgentCatalog(),
      policy: buildPolicy(),
      clock: makeFixedClock(),
      events: logged(logger),
    }).execute(leased(), { signal, progress, onUsage: (usage) => paid.push(usage) });
    expect(result).to.deep.equal({
      text: 'Three.',
      usage: { inputTokens: 30, outputTokens: 6, cacheReadTokens: 3, cacheWriteTokens: 0 },
      model: 'scripted-1',
    });
    expect(paid).to.have.length(3);
  });

  it('reports the length of a result while it is written, at most every two seconds', async () => {
    const clock = makeFixedClock();
    const told: string[] = [];
    const words = Array.from({ length: 50 }, (_, i) => `${i + 1} `);
    const model: LanguageModel = {
      name: 'slow',
      respond: async (_, { onEvent }) => {
        for (const text of words) {
          clock.advance(100);
          onEvent({ type: 'text', text });
        }
        return { text: words.join(''), toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'slow' };
      },
    };
    const logger = makeRecordingLogger();
    const executor = makeAgentExecutor({
      promises: { getMany: async () => [] },
      runAgent: makeRunAgent({ ...modelAndTools(model, []), events: logged(logger), clock: makeFixedClock(), redact }),
      agents: makeAgentCatalog(),
      policy: buildPolicy(),
      clock,
      events: logged(logger),
    });
    await executor.execute(leased(), { signal, progress: (text) => told.push(text) });
    expect(told).to.deep.equal(['writing the result (20 words so far)', 'writing the result (40 words so far)']);
  });

  it('tells the agent the time, and when the promise was made', async () => {
    const { executor, model, clock } = makeExecutor(buildPolicy(), [], { timeZone: 'Pacific/Kiritimati' });
    clock.advance(2 * 60 * 60_000);
    await executor.execute(leased({ chatId: GROUP }), { signal, progress });
    expect(model.requests[0]?.instructions).to.match(/The workspace is Railway\.$/);
    expect(model.requests[0]?.conversation.slice(1)).to.deep.equal([
      noteOf(
        '(Note: it is Monday, 2026-11-23 04:00, on the clocks of Pacific/Kiritimati. The last message is of Monday, 2026-11-23 02:00.)',
      ),
    ]);
  });

  it('shows the agent the results of the promises that this one waited for', async () => {
    const { executor, model } = makeExecutor(buildPolicy(), [parent]);
    await executor.execute({ ...leased({ chatId: GROUP }), dependsOn: [parent.id] }, { signal, progress });
    expect(withoutNotes(model.requests[0]?.conversation)).to.deep.equal([
      { role: 'person', name: 'ada', text: 'list the timetables' },
      { role: 'agent', text: 'There are three.', toolCalls: [] },
      ASKED,
    ]);
  });

  for (const [read, dependsOn, answer] of [
    ['what others found', [parent.id], 'Found nothing.'],
    ['the promises that its result names', [], 'Promise #7 has it; promise #7 is done.'],
  ] as const) {
    it(`reads ${read} again while storage is away, and goes on when it is back`, async () => {
      const outage = [away(true), away(true)];
      const { executor, clock, model } = makeExecutor(buildPolicy(), [{ ...parent, chatId: GROUP }], { outage, answer });
      const run = executor.execute({ ...leased({ chatId: GROUP }), dependsOn }, { signal, progress });
      for (const waitMs of [1_000, 2_000]) {
        expect(await Promise.race([run, clock.untilTimer()])).to.equal(clock.now() + waitMs);
        clock.advance(waitMs);
      }
      expect(await run).to.have.property('text', answer);
      expect([outage.length, model.remaining, clock.timers]).to.deep.equal([0, 0, 0]);
    });

    it(`keeps the words of storage out of the failure when ${read} can't be read, at a stop and when a retry is no use`, async () => {
      const ending = new AbortController();
      const stopped = makeExecutor(buildPolicy(), [], { outage: [away(true)], answer });
      const given = { ...leased({ chatId: GROUP }), dependsOn };
      const atStop = stopped.executor.execute(given, { signal: ending.signal, progress }).catch((error: unknown) => error);
      await Promise.race([atStop, stopped.clock.untilTimer()]);
      ending.abort();
      const refused = makeExecutor(buildPolicy(), [], { outage: [away(false)], answer });
      const forGood = refused.executor.execute(given, { signal, progress }).catch((error: unknown) => error);
      for (const [failure, retryable] of [
        [await atStop, true],
        [await forGood, false],
      ] as const)
        expect(failure).to.include({ code: 'unavailable', retryable, message: "Kept's storage can't be used just now." });
    });
  }

  it('fails a promise for good if its chat or person is no longer allowed (invariant 4)', async () => {
    for (const [policy, id] of [
      [buildPolicy({ workspaces: [] }), GROUP],
      [buildPolicy({ whitelist: { userIds: new Map(), usernames: new Map(), defaultDirectory: '/' } }), telegramChat(501)],
    ] as const) {
      const { executor, model } = makeExecutor(policy);
      const failure = await executor.execute(leased({ chatId: id }), { signal, progress }).catch((error: unknown) => error);
      expect(failure).to.include({ code: 'unauthorised', retryable: false });
      expect(model.requests).to.deep.equal([]);
    }
  });
});
