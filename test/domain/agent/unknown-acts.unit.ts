import { expect } from 'chai';
import { type RunStep, unknownActsNote } from '../../../src/domain/agent/run-step.ts';

const call = (tool: string, outcome: 'done' | 'unknown', isInterrupted = true): RunStep => ({
  kind: 'tool',
  at: 1,
  durationMs: 1,
  call: 0,
  tool,
  effect: 'acts',
  input: {},
  output: '',
  isError: false,
  outcome,
  ...(isInterrupted ? { isInterrupted } : {}),
});
const note = (...tools: string[]): string => unknownActsNote(tools.map((tool) => call(tool, 'unknown')));

describe('What people are told of calls whose outcome is not known', () => {
  it('is nothing where every outcome is known', () => expect(unknownActsNote([call('send', 'done')])).to.equal(''));

  it('names each tool once, and at most five', () => {
    expect(note('send', 'send', 'pay')).to.match(/while it ran send, pay\. Whether/);
    expect(note('a', 'b', 'c', 'd', 'e')).to.match(/ran a, b, c, d, e\. Whether/);
    expect(note('a', 'b', 'c', 'd', 'e', 'f', 'g')).to.match(/ran a, b, c, d, e and 2 more\. Whether/);
  });

  it('goes by what is recorded, whatever the tool says', () => {
    const said = { ...call('pay', 'unknown', false), output: 'The process ended while pay ran. No answer.' } as RunStep;
    expect(unknownActsNote([said])).to.match(/^\(There was no answer of pay that tells/);
    expect(unknownActsNote([{ ...said, isInterrupted: true, output: 'Broken off.' } as RunStep])).to.match(
      /^\(Kept was interrupted while it ran pay\./,
    );
  });
});
