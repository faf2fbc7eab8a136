import { expect } from 'chai';
import { makeAgentCatalog } from '../../../src/application/agents/agent-catalog.ts';
import { makeRunAgent, PROMISE_AGENT } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { noteOf } from '../../../src/domain/conversation/conversation.ts';
import { type AgentPromise, type LeasedPromise, NO_USAGE, type PromiseSpec, promiseId, type Usage } from '../../../src/domain/index.ts';
import { isSentBackNote } from '../../../src/domain/promise/gate.ts';
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
import { modelAndTools, onlyAgent } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { redact } from '../support/harness.ts';

const signal = new AbortController().signal;
const progress = (): void => undefined;
const leased = (terms: Partial<PromiseSpec> = {}): LeasedPromise =>
  promiseAfter(buildPromise({ chatKind: terms.chatId === GROUP ? 'group' : 'direct', ...terms }), {
    type: 'start',
    at: START,
    workerId: 'w',
    leaseMs: 1_000,
  }) as LeasedPromise;

const away = (retryable: boolean) => new PortError('unavailable', 'PostgreSQL at 192.0.2.7:5432/kept refuses', { retryable });
const parent = promiseAfter(
  buildPromise({ id: promiseId(7), description: 'list the timetables' }),
  { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
  { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'There are three.' },
);

const ASKED = { role: 'person', name: 'ada', text: 'Compare the three timetables', at: START } as const;

const stage = (
  policy = buildPolicy(),
  parents: readonly AgentPromise[] = [],
  {
    outage = [],
    answer = 'Found nothing.',
    timeZone = 'UTC',
  }: { readonly outage?: PortError[]; readonly answer?: string; readonly timeZone?: string } = {},
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
    }),
  };
};

describe('doing the work of a promise', () => {
  describe('a promise that did nothing is not kept', () => {
    const missing = { toolCalls: [{ id: 'm', tool: 'no_such_tool', input: {} }] };
    const report = (input: unknown) => ({ toolCalls: [{ id: 'r', tool: 'report_failure', input }] });
    const sorry = { text: "I'm sorry, but I couldn't read the file." };
    const run = async (script: readonly ScriptedStep[], maxSteps = 3, tools: readonly Tool[] = []) => {
      const model = makeScriptedModel(script);
      const logger = makeRecordingLogger();
      const executor = makeAgentExecutor({
        promises: { getMany: async () => [] },
        runAgent: makeRunAgent({ ...modelAndTools(model, tools), events: logged(logger), clock: makeFixedClock(), redact }),
        agents: onlyAgent({ ...PROMISE_AGENT, limits: { maxSteps, maxOutputTokens: 100 } }),
        policy: buildPolicy(),
        clock: makeFixedClock(),
        events: logged(logger),
      });
      const outcome = await executor.execute(leased(), { signal, progress }).then(
        ({ text }) => text,
        (error: unknown) => error,
      );
      expect(model.remaining, 'steps that are left of the script').to.equal(0);
      return { outcome, model };
    };

    for (const [what, script, message] of [
      ['reports a failure', [report({ reason: 'notes.txt is not there' })], 'notes.txt is not there'],
      ['reports a failure in words of its own shape', [report('x')], 'No reason was given.'],
      ['reports a failure at its last step', [missing, missing, report({ reason: 'no such tool' })], 'no such tool'],
      ['is declined', [{ stop: 'refusal' }], 'The model declined to answer this.'],
      ['is declined after half a sentence', [{ text: 'Sure, step one', stop: 'refusal' }], 'The model declined to answer this.'],
      ['is answered by nothing, twice', [{ text: ' ' }, { text: '' }], 'The model ended without a result.'],
      ['is cut before its first word, twice', [{ stop: 'length' }, { stop: 'length' }], 'The model ended without a result.'],
      [
        'calls tools that are not there, up to its last step',
        Array.from({ length: 6 }, () => missing),
        'It used up its steps (3) or its calls of tools, and came to no result.',
      ],
      [
        'has no tool that works, up to its last step',
        [missing, missing, { text: 'Hm.' }],
        'It used up its steps (3) or its calls of tools, and came to no result.',
      ],
      ['is apologised for, twice', [sorry, sorry], sorry.text],
      [
        'is called done where nothing was, twice',
        [{ text: 'Done!' }, { text: 'Done!' }],
        'Nothing was done for it, and its whole answer was: Done!',
      ],
      [
        'is answered by a call of a tool in words, twice',
        [{ text: '<tool_call>\n{"name": "read_file"}\n</tool_call>' }, { text: '[TOOL_CALLS]read_file[ARGS]{"path":"a"}' }],
        'The model wrote a call of a tool as text, which its server did not read as one.',
      ],
      ['is apologised for, then reported', [sorry, report({ reason: 'no file' })], 'no file'],
      [
        'only announces work, twice',
        [{ text: "I'll get back to you." }, { text: "Sure! I'll look into it later." }],
        'It only announced work to come, and did none.',
      ],
    ] as const)
      it(`one that ${what} fails, with the reason`, async () => {
        const { outcome } = await run(script);
        expect(outcome).to.be.an('error').and.to.include({ code: 'could-not', retryable: false, message });
      });

    it('one that reports a failure that may pass is tried again', async () => {
      expect((await run([report({ reason: 'the server is down', retryable: true })])).outcome).to.include({
        code: 'could-not',
        retryable: true,
      });
    });

    it('one whose answer is sent back may do it after all', async () => {
      for (const first of [sorry, { text: '' }]) {
        const { outcome, model } = await run([first, { text: 'There are three.' }]);
        expect(outcome).to.equal('There are three.');
        const note = model.requests[1]?.conversation.at(-1);
        expect(note?.role === 'person' && isSentBackNote(note.text) && note.text).to.include('report_failure');
      }
      expect((await run([missing, { text: 'A poem.' }, { text: 'A poem.' }])).outcome, 'it needs no tool').to.equal('A poem.');
    });

    it('one that is called done after a tool that has worked is kept', async () => {
      const looks = async () => ({ output: 'a.ts', isError: false });
      const tool: Tool = {
        name: 'list_files',
        description: '',
        inputSchema: {},
        effect: 'reads',
        activity: 'looking',
        timeoutMs: 30_000,
        run: looks,
      };
      const script = [{ toolCalls: [{ id: 'l', tool: 'list_files', input: {} }] }, { text: 'Done.' }];
      expect((await run(script, 3, [tool])).outcome).to.equal('Done.');
    });

    it('one that tells what it could not do beside what it has done is kept', async () => {
      const text = '3 files could not be read. The others hold 12 TODO comments.';
      expect((await run([{ text }])).outcome).to.equal(text);
    });
  });

  it('rule 6: runs its agent over the description, in the scope of the chat that asked, where nothing can be promised', async () => {
    const { executor, model, contexts } = stage();
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

  it('fails a promise for good that names an agent that is not there, and says which there are', async () => {
    const { executor, model } = stage();
    const failure = await executor.execute(leased({ agent: 'notion_scout' }), { signal, progress }).catch((error: unknown) => error);
    expect(failure).to.include({
      code: 'not-found',
      retryable: false,
      message: 'There is no agent named "notion_scout"; there are telegram_chat_agent, valor_agent.',
    });
    expect(model.requests).to.deep.equal([]);
  });

  it('resolves to all that its run has used, and to the model that wrote the result', async () => {
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

  it('tells how long a result has become while it is written, at most every two seconds', async () => {
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

  it('is told what time it is, and when the promise was made', async () => {
    const { executor, model, clock } = stage(buildPolicy(), [], { timeZone: 'Pacific/Kiritimati' });
    clock.advance(2 * 60 * 60_000);
    await executor.execute(leased({ chatId: GROUP }), { signal, progress });
    expect(model.requests[0]?.instructions).to.match(/The workspace is Railway\.$/);
    expect(model.requests[0]?.conversation.slice(1)).to.deep.equal([
      noteOf(
        '(Note: it is Monday, 2026-11-23 04:00, on the clocks of Pacific/Kiritimati. The last message is of Monday, 2026-11-23 02:00.)',
      ),
    ]);
  });

  it('a promise that waited for others is shown what they found', async () => {
    const { executor, model } = stage(buildPolicy(), [parent]);
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
    it(`while storage is away, ${read} is asked for again: the run goes on when it is back`, async () => {
      const outage = [away(true), away(true)];
      const { executor, clock, model } = stage(buildPolicy(), [{ ...parent, chatId: GROUP }], { outage, answer });
      const run = executor.execute({ ...leased({ chatId: GROUP }), dependsOn }, { signal, progress });
      for (const waitMs of [1_000, 2_000]) {
        expect(await Promise.race([run, clock.untilTimer()])).to.equal(clock.now() + waitMs);
        clock.advance(waitMs);
      }
      expect(await run).to.have.property('text', answer);
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
      [buildPolicy({ whitelist: { userIds: new Map(), usernames: new Map(), defaultDirectory: '/' } }), telegramChat(501)],
    ] as const) {
      const { executor, model } = stage(policy);
      const failure = await executor.execute(leased({ chatId: id }), { signal, progress }).catch((error: unknown) => error);
      expect(failure).to.include({ code: 'unauthorised', retryable: false });
      expect(model.requests).to.deep.equal([]);
    }
  });
});
