import { expect } from 'chai';
import { actsIn, type RunStep } from '../../../src/domain/agent/run-step.ts';

const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const reply = (...tools: string[]): RunStep => ({
  kind: 'model',
  at: 1,
  durationMs: 1,
  model: 'small',
  usage,
  stop: 'tool_calls',
  text: '',
  calls: tools.map((tool, n) => ({ id: `c${n}`, tool, input: { n } })),
});
const intent = (call: number): RunStep => ({ kind: 'intent', at: 1, call, tool: 'send' });
const result = (call: number, effect: 'reads' | 'acts' = 'acts'): RunStep => ({
  kind: 'tool',
  at: 1,
  durationMs: 1,
  call,
  tool: 'send',
  effect,
  input: { n: call },
  output: 'sent',
  isError: false,
  outcome: 'done',
});

describe('What tools that act have done in a run', () => {
  it('is each call that has a result, and no call that only reads', () =>
    expect(actsIn([reply('look', 'send'), result(0, 'reads'), intent(1), result(1)]).map(({ outcome }) => outcome)).to.deep.equal([
      'done',
    ]));

  it('is also a call that had begun and has no result: its outcome is not known', () =>
    expect(actsIn([reply('send', 'send'), intent(0), result(0), intent(1)])).to.deep.equal([
      result(0),
      { tool: 'send', input: { n: 1 }, output: '', outcome: 'unknown', isInterrupted: true },
    ]));

  it('takes the result of a later reply for no result of this one', () =>
    expect(actsIn([reply('send'), intent(0), reply('send'), intent(0), result(0)]).map(({ outcome }) => outcome)).to.deep.equal([
      'unknown',
      'done',
    ]));
});
