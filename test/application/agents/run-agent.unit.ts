import { expect } from 'chai';
import { makeContent, makeRunAgent } from '../../../src/application/index.ts';
import type { ToolCall } from '../../../src/domain/index.ts';
import { type Content, isPortError, PortError, silentEvents, type Tool } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger, makeScriptedModel, type ScriptedStep } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact, SECRET } from '../support/harness.ts';
import { HELLO, testerContext, testerWith } from './tester.ts';

const agent = testerWith(['look', 'break', 'burn']);
const tool = (name: string, run: Tool['run'], effect: Tool['effect'] = 'reads'): Tool => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
  effect,
  activity: `doing ${name}`,
  timeoutMs: 30_000,
  run,
});
const look = tool('look', async (input) => ({ output: `saw ${JSON.stringify(input)}`, isError: false }));
const call = (name: string, id = 'c1', input: unknown = {}): ToolCall => ({ id, tool: name, input });

const stage = (script: Parameters<typeof makeScriptedModel>[0], tools: readonly Tool[] = [look], signal = new AbortController().signal) => {
  const model = makeScriptedModel(script);
  const logger = makeRecordingLogger();
  const drafts: string[] = [];
  const runAgent = makeRunAgent({ ...modelAndTools(model, tools), events: logged(logger), clock: makeFixedClock(), redact });
  const run = () =>
    runAgent(agent, {
      conversation: HELLO,
      context: testerContext(signal),
      situation: 'It is Sunday.',
      onDraft: (draft) => drafts.push(draft()),
    });
  return { model, logger, drafts, run };
};
const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
const calls = (...toolCalls: ToolCall[]): ScriptedStep => ({ toolCalls });

describe('running an agent', () => {
  it('runs the tools that the model calls, shows it their results, and sums up the usage', async () => {
    const { run, model } = stage([
      { text: 'One moment.', toolCalls: [call('look', 'a', { x: 1 }), call('look', 'b')], usage },
      { text: 'Done.', usage },
    ]);
    const result = await run();
    expect(result).to.deep.include({ text: 'Done.', toolCalls: 2, model: 'scripted-1' });
    expect(result.usage).to.deep.equal({ inputTokens: 2, outputTokens: 4, cacheReadTokens: 6, cacheWriteTokens: 8 });
    expect(result.steps.map(({ role }) => role)).to.deep.equal(['agent', 'tool', 'tool', 'agent']);
    expect(model.requests[0]?.instructions).to.equal('Be brief.\n\nIt is Sunday.');
    expect(model.requests[1]?.conversation.slice(1)).to.deep.equal(result.steps.slice(0, 3));
    expect(result.steps[1]).to.deep.include({ callId: 'a', output: 'saw {"x":1}', isError: false });
  });

  it('says what was asked and why no model answered to whoever hears the content of runs, and then what was answered', async () => {
    const content = makeContent();
    const heard: Content[] = [];
    content.on((each) => heard.push(each));
    const model = makeScriptedModel([
      { error: new PortError('unavailable', `no ${SECRET}`, { retryable: true }) },
      { error: new Error('broken') },
      { text: 'Done.' },
    ]);
    const runAgent = makeRunAgent({ ...modelAndTools(model, []), events: silentEvents, clock: makeFixedClock(), redact, content });
    const run = () => runAgent(agent, { conversation: HELLO, context: testerContext(), situation: 'It is Sunday.' });
    for (const code of ['unavailable', undefined])
      expect(await run().catch((error: { readonly code?: string }) => error.code ?? 'none')).to.equal(code ?? 'none');
    await run();
    const request = { type: 'model-content', agent: 'tester', instructions: 'Be brief.\n\nIt is Sunday.', asked: HELLO };
    expect(heard.slice(0, 2)).to.deep.equal([
      { ...request, replied: { failed: 'unavailable', reason: 'no [redacted]' } },
      { ...request, replied: { failed: 'unknown', reason: 'broken' } },
    ]);
    expect(heard[2]).to.deep.include(request).and.to.have.nested.property('replied.text', 'Done.');
  });

  it('offers no tool that decides where nothing can be decided', async () => {
    const { run, model } = stage([{ text: 'Done.' }], [look, tool('break', () => Promise.reject(new Error('it ran')), 'decides')]);
    await run();
    expect(model.requests[0]?.tools.map(({ name }) => name)).to.deep.equal(['look']);
  });

  it('offers only the tools that the agent may call', async () => {
    const { run, model } = stage([{ text: 'Hi.' }], [look, tool('other', look.run)]);
    await run();
    expect(model.requests[0]?.tools.map(({ name }) => name)).to.deep.equal(['look']);
  });

  it('tells the model of a tool that does not exist, or that the agent may not call, and goes on', async () => {
    const other = tool('other', () => Promise.reject(new Error('called')));
    const { run } = stage([calls(call('nothing', 'a'), call('other', 'b')), { text: 'Sorry.' }], [look, other]);
    const { steps, text } = await run();
    expect(text).to.equal('Sorry.');
    expect(steps[1]).to.include({ isError: true, output: 'There is no tool named nothing here. Available: look.' });
    expect(steps[2]).to.include({ isError: true, output: 'There is no tool named other here. Available: look.' });
  });

  for (const [what, thrown, logged] of [
    ['PortError', new PortError('unavailable', 'disk gone', { retryable: true }), false],
    ['something that no tool may throw', new TypeError('disk gone'), true],
    ['a string', 'disk gone', true],
  ] as const)
    it(`tells the model of a tool that throws ${what}, and goes on`, async () => {
      const { run, logger } = stage([calls(call('break')), { text: 'Sorry.' }], [tool('break', () => Promise.reject(thrown))]);
      const { steps, text } = await run();
      expect(text).to.equal('Sorry.');
      expect(steps[1]).to.include({ isError: true, output: 'break failed: disk gone' });
      expect(logger.lines.some(({ level }) => level === 'error')).to.equal(logged);
    });

  it('tells the model that it misused a tool, and logs why', async () => {
    const { run, logger } = stage([calls(call('look')), { text: 'Ah.' }], [tool('look', async () => ({ output: 'x?', isError: true }))]);
    expect((await run()).steps[1]).to.include({ isError: true, output: 'x?' });
    expect(logger.lines.find(({ level }) => level === 'warn')?.fields).to.include({ tool: 'look', output: 'x?' });
  });

  it('never runs a tool that acts without an approval', async () => {
    let burnt = 0;
    const burn = tool('burn', async () => ({ output: `${++burnt}`, isError: false }), 'acts');
    const { run } = stage([calls(call('burn')), { text: 'No.' }], [burn]);
    expect((await run()).steps[1]).to.include({
      isError: true,
      output: "burn was not run: it needs a person's approval, and nobody can give it in this run.",
    });
    expect(burnt).to.equal(0);
  });

  it('forbids tools at the last step, so that there is an answer', async () => {
    const { run, model } = stage([calls(call('look')), calls(call('look')), calls(call('look')), { text: 'At last.' }]);
    expect((await run()).text).to.equal('At last.');
    expect(model.requests.map(({ toolChoice }) => toolChoice)).to.deep.equal([undefined, undefined, undefined, 'none']);
  });

  it('ends after its last step even when the model calls tools that it may not call', async () => {
    const { run, model } = stage(Array.from({ length: 10 }, (_, i) => ({ text: `Step ${i + 1}`, toolCalls: [call('look')] })));
    const { text, steps, toolCalls } = await run();
    expect(model.requests).to.have.length(4);
    expect(text).to.equal('Step 4');
    expect(toolCalls).to.equal(3);
    expect(steps.at(-1)).to.deep.equal({ role: 'agent', text: 'Step 4', toolCalls: [], provenance: { labels: ['agent'] } });
  });

  it('only adds to its requests, from the first to the last, and returns what a model attached', async () => {
    const thoughts = (n: number) => ({ by: 'scripted/scripted-1', content: [{ signature: `S${n}`, thinking: SECRET }] });
    const { run, model } = stage([
      { text: SECRET, toolCalls: [call('look', 'a')], attached: thoughts(1) },
      calls(call('look', 'b')),
      { toolCalls: [call('look', 'c')], attached: thoughts(3) },
      { text: 'Done.', attached: thoughts(4) },
    ]);
    const { steps } = await run();
    for (const [at, request] of model.requests.entries()) {
      const { instructions, tools, conversation } = model.requests.at(-1) ?? request;
      expect(request).to.deep.include({ instructions, tools });
      expect(JSON.stringify(conversation.slice(0, 1 + 2 * at))).to.equal(JSON.stringify(request.conversation));
    }
    const attached = model.requests.at(-1)?.conversation.map((step) => step.role === 'agent' && step.attached);
    expect(attached).to.deep.equal([false, thoughts(1), false, undefined, false, thoughts(3), false]);
    expect(JSON.stringify(steps), 'nothing of it is kept').not.to.include('attached');
  });

  it('leaves out what a model attached where that is refused, and nothing else', async () => {
    const attached = { by: 'x', content: 'signed elsewhere' };
    const refused = { error: new PortError('invalid-request', 'Invalid signature', { retryable: false }) };
    const { run, model } = stage([{ ...calls(call('look')), attached }, refused, { ...calls(call('look')), attached }, { text: 'Done.' }]);
    expect((await run()).text).to.equal('Done.');
    expect(model.requests.map(({ conversation }) => conversation.map((step) => step.role === 'agent' && step.attached))).to.deep.equal([
      [false],
      [false, attached, false],
      [false, undefined, false],
      [false, undefined, false, attached, false],
    ]);
  });

  it('leaves out all that models attached once it is more than a window holds', async () => {
    const attached = { by: 'x', content: 'x'.repeat(600_000) };
    const { run, model } = stage([{ ...calls(call('look')), attached }, { ...calls(call('look')), attached }, { text: 'Done.' }]);
    await run();
    const attachedTo = model.requests.map(
      ({ conversation }) => conversation.filter((step) => step.role === 'agent' && step.attached).length,
    );
    expect(attachedTo).to.deep.equal([0, 1, 0]);
  });

  it('says so when the answer was cut, refused or is empty', async () => {
    const answer = async (step: ScriptedStep) => (await stage([step]).run()).text;
    expect(await answer({ text: 'It leaves at', stop: 'length' })).to.match(/^It leaves at\n\n\(The answer was cut here/);
    expect(await answer({ text: '', stop: 'length' })).to.match(/^The model used up its greatest length while it was still thinking/);
    expect(await answer({ stop: 'refusal' })).to.equal('The model declined to answer this.');
    const cyber = { text: 'Sure, step one', stop: 'refusal', refusal: `cyber: ${SECRET}` } as const;
    expect(await answer(cyber)).to.equal('The model declined to answer this: cyber: [redacted]');
    expect(await answer({ text: ' \n' })).to.match(/^The model ended without an answer/);
  });

  it('shows the answer as it grows, whole each time, and begins anew when another model takes over', async () => {
    const { run, drafts } = stage([
      {
        text: 'Hello there',
        deltas: ['Hel'],
        events: [{ type: 'activity' }, { type: 'restart' }, { type: 'text', text: 'Hello' }, { type: 'text', text: ' there' }],
      },
    ]);
    expect((await run()).text).to.equal('Hello there');
    expect(drafts).to.deep.equal(['Hel', '', 'Hello', 'Hello there']);
  });

  it('asks for what may be shown of a text that still grows, and takes back nothing that was shown of it', async () => {
    const drafts: string[] = [];
    const growing = (text: string): string => text.replace(/\S+$/, '').replace(/secret: \w+ $/, 'secret: [redacted] ');
    const runAgent = makeRunAgent({
      ...modelAndTools(makeScriptedModel([{ text: 'The secret: none of it, ok', deltas: ['The sec', 'ret: none', ' of', ' it, ok'] }])),
      events: logged(makeRecordingLogger()),
      clock: makeFixedClock(),
      redact: Object.assign((text: string) => text, { growing }),
    });
    const answer = await runAgent(agent, {
      conversation: [],
      context: testerContext(),
      situation: '',
      onDraft: (draft) => drafts.push(draft()),
    });
    expect(answer.text).to.equal('The secret: none of it, ok');
    expect(drafts).to.deep.equal(['The ', 'The secret: ', 'The secret: [redacted] ', 'The secret: [redacted] ']);
  });

  it('invariant 4: no secret is in the answer, its drafts, the steps, what a tool says or throws, or a failure', async () => {
    const { run, drafts } = stage(
      [
        { text: `I look for ${SECRET}`, toolCalls: [{ ...call('look', 'a'), input: { path: [SECRET] } }, call('break', 'b')] },
        { text: `It is ${SECRET}.`, deltas: ['It is open-', `sesame-4711.`] },
      ],
      [tool('look', async () => ({ output: SECRET, isError: false })), tool('break', () => Promise.reject(new Error(SECRET)))],
    );
    const result = await run();
    expect(result.text).to.equal('It is [redacted].');
    expect(JSON.stringify([result, drafts])).not.to.include(SECRET);

    const refused = new PortError('rate-limited', `key ${SECRET} is over its limit`, { retryable: true, retryAfterMs: 7 });
    for (const error of [refused, new Error(`key ${SECRET}`)]) {
      const failure = await stage([{ error }])
        .run()
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      expect(failure).to.be.an('error').with.property('message').that.includes('key [redacted]');
      if (error === refused) expect(failure).to.include({ code: 'rate-limited', retryable: true, retryAfterMs: 7 });
    }
  });

  it('ends when it is aborted: while the model thinks, and while a tool runs', async () => {
    const whileAsked = new AbortController();
    const thinking = stage([{ hang: true }], [look], whileAsked.signal);
    const first = thinking.run().catch((error: unknown) => error);
    await thinking.model.untilAsked(1);
    whileAsked.abort();
    expect(isPortError(await first) && (await first)).to.include({ code: 'aborted' });

    const whileRunning = new AbortController();
    const slow = tool('look', async () => {
      whileRunning.abort();
      throw new PortError('aborted', 'the tool was aborted', { retryable: false });
    });
    const working = stage([calls(call('look')), { text: 'never' }], [slow], whileRunning.signal);
    expect(await working.run().catch((error: unknown) => error)).to.include({ code: 'aborted' });
    expect(working.model.requests).to.have.length(1);
  });
});
