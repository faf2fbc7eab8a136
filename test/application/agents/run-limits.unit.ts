import { expect } from 'chai';
import { redactValues } from '../../../src/application/agents/redact-values.ts';
import { makeRunAgent, type RunAgent } from '../../../src/application/index.ts';
import { MAX_ANSWER_LENGTH, MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../../src/domain/agent/agent.ts';
import type { Agent, ToolCall } from '../../../src/domain/index.ts';
import {
  type LanguageModel,
  MAX_REPLY_LENGTH,
  type ModelReply,
  type ModelRequest,
  PortError,
  type Tool,
  type ToolContext,
} from '../../../src/ports/index.ts';
import {
  buildDraft,
  makeFixedClock,
  makeRecordingLogger,
  makeScriptedModel,
  telegramChat,
  telegramUser,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact, SECRET } from '../support/harness.ts';

const agent: Agent = {
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools: ['look'],
  limits: { maxSteps: 40, maxOutputTokens: 100 },
};
const calls = (count: number, tool: string, input: unknown = {}): ToolCall[] =>
  Array.from({ length: count }, (_, i) => ({ id: `c${i}`, tool, input }));
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

const stage = (model: LanguageModel, run: Tool['run'] = async () => ({ output: 'seen', isError: false })) => {
  const logger = makeRecordingLogger();
  const abort = new AbortController();
  const drafts: string[] = [];
  let looks = 0;
  const look: Tool = {
    name: 'look',
    description: 'look',
    inputSchema: { type: 'object' },
    effect: 'reads',
    activity: 'looking',
    timeoutMs: 30_000,
    run: (input, context) => {
      looks++;
      return run(input, context);
    },
  };
  const context: ToolContext = {
    chatId: telegramChat(501),
    chatKind: 'direct',
    requestedBy: { id: telegramUser(501) },
    scope: { directory: '/srv' },
    signal: abort.signal,
  };
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look]), events: logged(logger), clock: makeFixedClock(), redact });
  const conversation = [{ role: 'person', name: 'Ada', text: 'hello' }] as const;
  return {
    logger,
    drafts,
    abort,
    looks: () => looks,
    context,
    run: (more: Partial<Parameters<RunAgent>[1]> = {}) =>
      runAgent(agent, { conversation, context, situation: '', onDraft: (draft) => drafts.push(draft()), ...more }),
  };
};

describe('limits of an agent run', () => {
  it('runs as many calls of one reply as a reply may make, refuses the rest in one result, and gives every kept call its result', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(10_000, 'look') }, { text: 'Done.' }]);
    const { run, looks } = stage(model);
    const { steps, toolCalls } = await run();
    expect(looks()).to.equal(MAX_CALLS_PER_REPLY);
    expect(toolCalls).to.equal(MAX_CALLS_PER_REPLY);
    const asked = steps.flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ id }) => id) : []));
    const answered = steps.filter((step) => step.role === 'tool');
    expect(answered.map(({ callId }) => callId)).to.deep.equal(asked);
    expect(answered.at(-1)).to.deep.include({ isError: true });
    expect(answered.at(-1)?.output).to.include('9936 of these 10000 calls');
  });

  it('asks for the answer, and forbids tools, once a run has made all its calls', async () => {
    const model = makeScriptedModel(
      Array.from(
        { length: 40 },
        () =>
          ({ toolChoice }) =>
            toolChoice === undefined ? { toolCalls: calls(1_000, 'look') } : { text: 'Enough.' },
      ),
    );
    const { run, looks } = stage(model);
    const { text } = await run();
    expect(text).to.equal('Enough.');
    expect(looks()).to.equal(MAX_CALLS_PER_RUN);
    expect(model.requests.length).to.be.below(8);
  });

  it('logs the refused calls of one reply in one line', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(1_000, 'nothing') }, { text: 'Sorry.' }]);
    const { run, logger } = stage(model);
    await run();
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.fields).to.include({ tool: 'nothing', failed: MAX_CALLS_PER_REPLY + 1 });
  });

  it('runs its own tool even after a run has read all that it may, and ends if that tool is misused repeatedly', async () => {
    let ends = 0;
    const end: Tool = {
      name: 'end',
      description: 'end',
      inputSchema: { type: 'object' },
      effect: 'reads',
      activity: 'looking',
      timeoutMs: 30_000,
      run: async () => {
        ends++;
        return { output: 'Say why.', isError: true };
      },
    };
    const wasRead = ({ conversation }: ModelRequest): boolean => JSON.stringify(conversation).length > MAX_RUN_LENGTH;
    const model = makeScriptedModel(
      Array.from(
        { length: 50 },
        () => (request) => (wasRead(request) ? { text: 'Well.', toolCalls: calls(1, 'end') } : { toolCalls: calls(30, 'look') }),
      ),
    );
    const { run } = stage(model, async () => ({ output: 'x'.repeat(40_000), isError: false }));
    const { text, unanswered, steps } = await run({ tools: [end] });
    expect({ text, unanswered, ends }).to.deep.equal({ text: 'Well.', unanswered: 'out-of-steps', ends: 3 });
    expect(steps.at(-1)).to.deep.equal({ role: 'agent', text: 'Well.', toolCalls: [] });
  });

  it("tells a model to answer if it calls other tools than the run's own at the last step", async () => {
    const end: Tool = {
      name: 'end',
      description: '',
      inputSchema: { type: 'object' },
      effect: 'reads',
      activity: 'looking',
      timeoutMs: 30_000,
      run: () => Promise.reject(new Error('run')),
    };
    const looking = Array.from({ length: agent.limits.maxSteps }, () => ({ toolCalls: calls(1, 'look') }));
    const model = makeScriptedModel([...looking, { text: 'So far.' }]);
    const { run, looks } = stage(model);
    const { text, steps } = await run({ tools: [end] });
    expect(text).to.equal('So far.');
    expect(looks()).to.equal(agent.limits.maxSteps - 1);
    expect(steps.at(-2))
      .to.include({ role: 'tool', isError: true })
      .and.to.have.property('output')
      .that.matches(/^Not run: .* Answer now/);
  });

  it('takes what a tool could not do for the failure of a call in a turn, and for the end of a run that keeps a promise', async () => {
    const script = [{ toolCalls: calls(1, 'look') }, { text: 'I could not look.' }];
    const blind = () => Promise.reject(new PortError('could-not', 'it is dark', { retryable: false }));
    const turn = stage(makeScriptedModel(script), blind);
    const { steps } = await turn.run({ context: { ...turn.context, draft: buildDraft() } });
    expect(steps[1]).to.deep.include({ role: 'tool', output: 'look failed: it is dark', isError: true });
    expect(
      await stage(makeScriptedModel(script), blind)
        .run()
        .catch((error: unknown) => error),
    ).to.include({ code: 'could-not' });
  });

  it('gives no answer where the run was ended, also when its text was too long by then', async () => {
    const staged = stage({
      name: 'test/endless',
      respond: async (_, { onEvent }) => {
        onEvent({ type: 'text', text: 'x'.repeat(MAX_REPLY_LENGTH + 1) });
        staged.abort.abort();
        throw new PortError('aborted', 'the call was aborted', { retryable: false });
      },
    });
    expect(await staged.run().catch((error: unknown) => error)).to.include({ code: 'aborted' });
  });

  it('ends between two calls when the run is over', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(50, 'look') }]);
    const staged = stage(model, async () => {
      staged.abort.abort();
      return { output: 'seen', isError: false };
    });
    expect(await staged.run().catch((error: unknown) => error)).to.include({ code: 'aborted' });
    expect(staged.looks()).to.equal(1);
  });

  for (const [what, input] of [
    ['5,000 nested arrays', nested(5_000)],
    ['5,000 nested objects', JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)],
    ['a text of 10 MB', { description: 'x'.repeat(10_000_000) }],
    ['a name of 10 MB', { ['x'.repeat(10_000_000)]: 1 }],
    ['a million numbers', { depends_on: Array.from({ length: 1_000_000 }, (_, i) => i) }],
    ['10 MB that are no JSON', '{'.repeat(10_000_000)],
  ] as const)
    it(`refuses a call with ${what}, as that call's result, and goes on with the others`, async () => {
      const model = makeScriptedModel([
        { toolCalls: [{ id: 'a', tool: 'look', input }, ...calls(1, 'look', { path: 'b' })] },
        { text: 'Ah.' },
      ]);
      const { run, looks } = stage(model);
      const { text, steps } = await run();
      expect(text).to.equal('Ah.');
      expect(looks()).to.equal(1);
      expect(steps[1]).to.deep.include({ role: 'tool', callId: 'a', isError: true });
      expect(steps[1])
        .to.have.property('output')
        .that.matches(/^look was not run: its arguments are (?:nested deeper|longer) than/);
      expect(JSON.stringify(steps).length).to.be.below(2_000);
    });

  it('runs a call whose arguments are nested as deep as they may be', async () => {
    const { run, looks } = stage(makeScriptedModel([{ toolCalls: calls(1, 'look', nested(32)) }, { text: 'Ah.' }]));
    await run();
    expect(looks()).to.equal(1);
  });

  it('redacts values however deep they are nested', () => {
    expect(JSON.stringify(redactValues(redact, nested(5_000)))).to.include('nested too deeply');
  });

  it('cuts an answer at its greatest length, says so, and cuts no secret in two', async () => {
    const text = async (answer: string) => (await stage(makeScriptedModel([{ text: answer }])).run()).text;
    expect(await text('x'.repeat(MAX_ANSWER_LENGTH))).to.equal('x'.repeat(MAX_ANSWER_LENGTH));
    const cut = await text('x'.repeat(10_000_000));
    expect(cut.length).to.be.below(MAX_ANSWER_LENGTH + 100);
    expect(cut).to.match(/x\n\n\(The answer was cut here: it reached its greatest length\.\)$/);
    for (let end = 95_000; end <= 125_000; end += SECRET.length - 5) {
      const long = await text(`${'x'.repeat(end)} ${SECRET} ${'y'.repeat(50_000)}`);
      expect(long).not.to.match(/open-|sesame/);
    }
  });

  it('aborts a model that does not end its text, and answers with the beginning', async () => {
    let sent = 0;
    const endless: LanguageModel = {
      name: 'test/endless',
      respond: (_, { signal, onEvent }) =>
        new Promise<ModelReply>((_resolve, reject) => {
          while (!signal.aborted && sent < 100_000_000) {
            onEvent({ type: 'text', text: 'word '.repeat(200) });
            sent += 1_000;
          }
          reject(new PortError('aborted', 'the call was aborted', { retryable: false }));
        }),
    };
    const { run, drafts } = stage(endless);
    const { text, steps } = await run();
    expect(sent).to.be.at.most(MAX_REPLY_LENGTH + 1_000);
    expect(text).to.match(/^word word [\s\S]*\(The answer was cut here/);
    expect(steps.at(-1)).to.deep.equal({ role: 'agent', text, toolCalls: [] });
    expect(Math.max(...drafts.map(({ length }) => length))).to.be.at.most(MAX_ANSWER_LENGTH);
  });

  it('bounds what a provider says: what it calls its model, the ids and names of calls, what a tool gives, and why it failed', async () => {
    const long = `${SECRET} ${'x'.repeat(1_000_000)}\n`;
    const toolCalls = [...calls(1, 'look'), { id: long, tool: long, input: {} }];
    const model = makeScriptedModel([
      { text: long, toolCalls },
      { text: 'Done.', model: long },
    ]);
    const result = await stage(model, async () => ({ output: long, isError: false })).run();
    expect(result.model).to.have.length.at.most(100);
    expect(JSON.stringify(result).length).to.be.below(100_000);
    expect(JSON.stringify(result)).not.to.include(SECRET);

    const failing = stage(makeScriptedModel([{ error: new PortError('unavailable', long, { retryable: true }) }]));
    const error = await failing.run().catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'unavailable', retryable: true });
    expect(error).to.have.property('message').that.has.length.at.most(2_000);
  });

  it('keeps names of calls and counts of tokens as every table and every provider takes them, whatever was sent', async () => {
    const usage = { inputTokens: Number.NaN, outputTokens: 1.5, cacheReadTokens: -1, cacheWriteTokens: 1e300 };
    const names = ['de lete/all\u0000', '', 'a'.repeat(99), 'функция'];
    const script = [{ toolCalls: names.map((tool, i) => ({ id: `${i}`, tool, input: {} })), usage }, { text: 'Done.' }];
    const { steps, usage: counted } = await stage(makeScriptedModel(script)).run();
    expect(counted).to.deep.equal({ inputTokens: 0, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 1e9 });
    const kept = steps.flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ tool }) => tool) : []));
    expect(kept).to.have.length(4);
    for (const name of kept) expect(name).to.match(/^[\w-]{1,64}$/);
  });

  it('asks for the answer once a run has read as much as it may', async () => {
    const model = makeScriptedModel(
      Array.from(
        { length: 40 },
        () =>
          ({ toolChoice }) =>
            toolChoice === undefined ? { toolCalls: calls(20, 'look') } : { text: 'Enough.' },
      ),
    );
    const { steps, text } = await stage(model, async () => ({ output: 'x'.repeat(40_000), isError: false })).run();
    expect(text).to.equal('Enough.');
    expect(model.requests).to.have.length(3);
    expect(JSON.stringify(steps).length).to.be.below(1_200_000);
  });
});
