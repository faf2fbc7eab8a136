import { expect } from 'chai';
import { MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../../src/domain/agent/agent.ts';
import { MAX_REPLY_LENGTH, type ModelRequest, PortError, type Tool } from '../../../src/ports/index.ts';
import { buildDraft, makeScriptedModel } from '../../../src/testing/index.ts';
import { agent, calls, makeRun } from './limits-harness.ts';

describe('Limits of an agent run', () => {
  it('runs as many calls of one reply as a reply may make, refuses the rest in one result, and gives every kept call its result', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(10_000, 'look') }, { text: 'Done.' }]);
    const { run, looks } = makeRun(model);
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
    const { run, looks } = makeRun(model);
    const { text } = await run();
    expect(text).to.equal('Enough.');
    expect(looks()).to.equal(MAX_CALLS_PER_RUN);
    expect(model.requests.length).to.be.below(8);
  });

  it('logs the refused calls of one reply in one line', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(1_000, 'nothing') }, { text: 'Sorry.' }]);
    const { run, logger } = makeRun(model);
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
    const { run } = makeRun(model, async () => ({ output: 'x'.repeat(40_000), isError: false }));
    const { text, unanswered, steps } = await run({ tools: [end] });
    expect({ text, unanswered, ends }).to.deep.equal({ text: 'Well.', unanswered: 'out-of-steps', ends: 3 });
    expect(steps.at(-1)).to.deep.equal({ role: 'agent', text: 'Well.', toolCalls: [], provenance: { labels: ['agent'] } });
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
    const { run, looks } = makeRun(model);
    const { text, steps } = await run({ tools: [end] });
    expect(text).to.equal('So far.');
    expect(looks()).to.equal(agent.limits.maxSteps - 1);
    expect(steps.at(-2))
      .to.include({ role: 'tool', isError: true })
      .and.to.have.property('output')
      .that.matches(/^Not run: .* Answer now/);
  });

  it('takes the failure of a tool as a failed call in a turn, and as the end of a run that keeps a promise', async () => {
    const script = [{ toolCalls: calls(1, 'look') }, { text: 'I could not look.' }];
    const blind = () => Promise.reject(new PortError('could-not', 'it is dark', { retryable: false }));
    const turn = makeRun(makeScriptedModel(script), blind);
    const { steps } = await turn.run({ context: { ...turn.context, draft: buildDraft() } });
    expect(steps[1]).to.deep.include({ role: 'tool', output: 'look failed: it is dark', isError: true });
    expect(
      await makeRun(makeScriptedModel(script), blind)
        .run()
        .catch((error: unknown) => error),
    ).to.include({ code: 'could-not' });
  });

  it('gives no answer if the run was aborted, even if its text was too long by then', async () => {
    const staged = makeRun({
      name: 'test/endless',
      respond: async (_, { onEvent }) => {
        onEvent({ type: 'text', text: 'x'.repeat(MAX_REPLY_LENGTH + 1) });
        staged.abort.abort();
        throw new PortError('aborted', 'the call was aborted', { retryable: false });
      },
    });
    expect(await staged.run().catch((error: unknown) => error)).to.include({ code: 'aborted' });
  });

  it('ends between two calls when the run is aborted', async () => {
    const model = makeScriptedModel([{ toolCalls: calls(50, 'look') }]);
    const staged = makeRun(model, async () => {
      staged.abort.abort();
      return { output: 'seen', isError: false };
    });
    expect(await staged.run().catch((error: unknown) => error)).to.include({ code: 'aborted' });
    expect(staged.looks(), 'only those that ran side by side').to.equal(8);
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
    const { steps, text } = await makeRun(model, async () => ({ output: 'x'.repeat(40_000), isError: false })).run();
    expect(text).to.equal('Enough.');
    expect(model.requests).to.have.length(3);
    expect(JSON.stringify(steps).length).to.be.below(1_200_000);
  });
});
