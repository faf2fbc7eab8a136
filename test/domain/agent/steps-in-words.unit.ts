import { expect } from 'chai';
import { NO_USAGE, type RunStep, stepsInWords } from '../../../src/domain/index.ts';

const reply = (calls: number): RunStep => ({
  kind: 'model',
  at: 0,
  durationMs: 7,
  model: 'scripted-1',
  usage: NO_USAGE,
  stop: calls > 0 ? 'tool_calls' : 'end',
  text: '',
  calls: Array.from({ length: calls }, (_, at) => ({ id: `${at}`, tool: 'send', input: {} })),
});
const intent = (call: number): RunStep => ({ kind: 'intent', at: 0, call, tool: 'send' });
const result = (call: number, outcome: 'done' | 'refused' | 'unknown', isError = false): RunStep => ({
  kind: 'tool',
  at: 0,
  durationMs: 3,
  call,
  tool: 'send',
  effect: 'acts',
  input: {},
  output: '',
  isError,
  outcome,
});

describe('The steps of a run in words', () => {
  it('name each reply and each call with its outcome', () => {
    const steps = [
      reply(4),
      intent(0),
      result(0, 'done'),
      result(1, 'done', true),
      result(2, 'refused', true),
      result(3, 'unknown', true),
      reply(0),
    ];
    expect(stepsInWords(steps)).to.deep.equal([
      'Step 1: scripted-1 replied, with 4 tool calls, 7 ms.',
      'Step 2: send: done, 3 ms.',
      'Step 3: send: failed, 3 ms.',
      'Step 4: send: refused, 3 ms.',
      'Step 5: send: unknown, 3 ms.',
      'Step 6: scripted-1 replied, 7 ms.',
    ]);
  });

  it('name a call that was begun and has no result', () => {
    expect(stepsInWords([reply(1), intent(0)]).at(-1)).to.equal('Step 2: send: begun, without a result.');
    expect(stepsInWords([reply(1), intent(0), intent(0), result(0, 'done')])).to.have.length(2);
  });
});
