import { expect } from 'chai';
import { redactValues } from '../../../src/application/tools/redact-values.ts';
import { MAX_ANSWER_LENGTH } from '../../../src/domain/agent/agent.ts';
import { type LanguageModel, MAX_REPLY_LENGTH, type ModelReply, PortError } from '../../../src/ports/index.ts';
import { makeScriptedModel } from '../../../src/testing/index.ts';
import { redact, SECRET } from '../support/harness.ts';
import { calls, makeRun, nested } from './limits-harness.ts';

describe('Limits of what models and tools return', () => {
  for (const [what, input] of [
    ['5,000 nested arrays', nested(5_000)],
    ['5,000 nested objects', JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)],
    ['a text of 10 MB', { description: 'x'.repeat(10_000_000) }],
    ['a name of 10 MB', { ['x'.repeat(10_000_000)]: 1 }],
    ['a million numbers', { depends_on: Array.from({ length: 1_000_000 }, (_, i) => i) }],
    ['10 MB that are no JSON', '{'.repeat(10_000_000)],
  ] as const)
    it(`refuses a call with ${what} in that call's result, and goes on with the others`, async () => {
      const model = makeScriptedModel([
        { toolCalls: [{ id: 'a', tool: 'look', input }, ...calls(1, 'look', { path: 'b' })] },
        { text: 'Ah.' },
      ]);
      const { run, looks } = makeRun(model);
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
    const { run, looks } = makeRun(makeScriptedModel([{ toolCalls: calls(1, 'look', nested(32)) }, { text: 'Ah.' }]));
    await run();
    expect(looks()).to.equal(1);
  });

  it('redacts values however deep they are nested', () => {
    expect(JSON.stringify(redactValues(redact, nested(5_000)))).to.include('nested too deeply');
  });

  it('cuts an answer at its greatest length, says so, and cuts no secret in two', async () => {
    const text = async (answer: string) => (await makeRun(makeScriptedModel([{ text: answer }])).run()).text;
    expect(await text('x'.repeat(MAX_ANSWER_LENGTH))).to.equal('x'.repeat(MAX_ANSWER_LENGTH));
    const cut = await text('x'.repeat(10_000_000));
    expect(cut.length).to.be.below(MAX_ANSWER_LENGTH + 100);
    expect(cut).to.match(/x\n\n\(The answer was cut here: it reached its greatest length\.\)$/);
    for (let end = 95_000; end <= 125_000; end += SECRET.length - 5) {
      const long = await text(`${'x'.repeat(end)} ${SECRET} ${'y'.repeat(50_000)}`);
      expect(long).not.to.match(/open-|sesame/);
    }
  });

  it('aborts a model whose text does not end, and answers with its beginning', async () => {
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
    const { run, drafts } = makeRun(endless);
    const { text, steps } = await run();
    expect(sent).to.be.at.most(MAX_REPLY_LENGTH + 1_000);
    expect(text).to.match(/^word word [\s\S]*\(The answer was cut here/);
    expect(steps.at(-1)).to.deep.equal({ role: 'agent', text, toolCalls: [] });
    expect(Math.max(...drafts.map(({ length }) => length))).to.be.at.most(MAX_ANSWER_LENGTH);
  });

  it('limits the names, the ids of calls, the outputs of tools and the reasons of failures that a run takes over', async () => {
    const long = `${SECRET} ${'x'.repeat(1_000_000)}\n`;
    const toolCalls = [...calls(1, 'look'), { id: long, tool: long, input: {} }];
    const model = makeScriptedModel([
      { text: long, toolCalls },
      { text: 'Done.', model: long },
    ]);
    const result = await makeRun(model, async () => ({ output: long, isError: false })).run();
    expect(result.model).to.have.length.at.most(100);
    const { journal, ...rest } = result;
    for (const part of [journal, rest]) expect(JSON.stringify(part).length).to.be.below(150_000);
    expect(JSON.stringify(result)).not.to.include(SECRET);

    const failing = makeRun(makeScriptedModel([{ error: new PortError('unavailable', long, { retryable: true }) }]));
    const error = await failing.run().catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'unavailable', retryable: true });
    expect(error).to.have.property('message').that.has.length.at.most(2_000);
  });

  it('keeps names of calls and counts of tokens as every table and every provider takes them, whatever was sent', async () => {
    const usage = { inputTokens: Number.NaN, outputTokens: 1.5, cacheReadTokens: -1, cacheWriteTokens: 1e300 };
    const names = ['de lete/all\u0000', '', 'a'.repeat(99), 'функция'];
    const script = [{ toolCalls: names.map((tool, i) => ({ id: `${i}`, tool, input: {} })), usage }, { text: 'Done.' }];
    const { steps, usage: counted } = await makeRun(makeScriptedModel(script)).run();
    expect(counted).to.deep.equal({ inputTokens: 0, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 1e9 });
    const kept = steps.flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ tool }) => tool) : []));
    expect(kept).to.have.length(4);
    for (const name of kept) expect(name).to.match(/^[\w-]{1,64}$/);
  });
});
