import { expect } from 'chai';
import { runStepViews } from '../../../src/adapters/views/index.ts';
import { NO_USAGE, type RunStep } from '../../../src/domain/index.ts';

const at = Date.UTC(2026, 0, 1);
const model = (text: string): RunStep => ({
  kind: 'model',
  at,
  durationMs: 20,
  model: 'scripted-1',
  usage: { ...NO_USAGE, inputTokens: 3 },
  stop: 'tool_calls',
  text,
  calls: [{ id: 'a', tool: 'send', input: { to: 'Ada' } }],
});
const intent: RunStep = { kind: 'intent', at, call: 0, tool: 'send', callKey: 'r-0-0' };
const result: RunStep = {
  kind: 'tool',
  at,
  durationMs: 5,
  call: 0,
  tool: 'send',
  callKey: 'r-0-0',
  effect: 'acts',
  input: { to: 'Ada' },
  output: 'x'.repeat(2_000),
  isError: false,
  outcome: 'done',
};

describe('Steps of a run as JSON', () => {
  it('show each reply with what it used, and each call once, cut to a readable length', () => {
    const views = runStepViews([model(''), intent, result]);
    expect(views.map(({ kind }) => kind)).to.deep.equal(['model', 'tool']);
    expect(views[0]).to.deep.equal({
      kind: 'model',
      at: '2026-01-01T00:00:00.000Z',
      model: 'scripted-1',
      stop: 'tool_calls',
      toolCalls: 1,
      usage: { ...NO_USAGE, inputTokens: 3 },
      durationMs: 20,
    });
    expect(views[1]).to.deep.include({
      tool: 'send',
      effect: 'acts',
      input: '{"to":"Ada"}',
      isError: false,
      outcome: 'done',
      durationMs: 5,
    });
    expect((views[1] as { output: string }).output).to.have.length.at.most(501);
  });

  it('show a call that acts and has no result yet as unknown', () => {
    expect(runStepViews([model('On it.'), intent])).to.have.length(2);
    expect(runStepViews([model('On it.'), intent])[1]).to.deep.include({ kind: 'tool', tool: 'send', outcome: 'unknown' });
    expect(runStepViews([model('On it.'), intent, model('Again.'), result]).map(({ kind }) => kind)).to.deep.equal([
      'model',
      'tool',
      'model',
      'tool',
    ]);
  });
});
