import { expect } from 'chai';
import { makeScriptedModel, type ScriptedStep } from '../../../src/testing/index.ts';
import { makeRun } from './limits-harness.ts';

const look = (input: unknown, id = 'c'): ScriptedStep => ({ toolCalls: [{ id, tool: 'look', input }] });

/** What the model is told of each call of such a run; the tool fails as long as `fails` says so. */
const told = async (script: readonly ScriptedStep[], fails: (input: unknown) => boolean = () => true): Promise<string[]> => {
  const { run } = makeRun(makeScriptedModel([...script, { text: 'Done.' }]), async (input) => ({
    output: fails(input) ? 'no such file' : 'seen',
    isError: fails(input),
  }));
  const { steps } = await run();
  return steps.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
};

describe('A call that fails again and again', () => {
  it('is told so from its third failure on, however its arguments are numbered', async () => {
    const outputs = await told([
      look({ path: 'a' }, 'c1'),
      look({ path: 'a' }, 'c2'),
      look({ path: 'a' }, 'c3'),
      look({ path: 'a' }, 'c4'),
    ]);
    expect(outputs.slice(0, 2)).to.deep.equal(['no such file', 'no such file']);
    expect(outputs[2]).to.match(/^no such file\n\nThis call has failed 3 times in this run, with the same arguments\. It will fail again/);
    expect(outputs[3]).to.include('failed 4 times');
  });

  it('is told nothing where arguments differ, or where it comes out well', async () => {
    const others = await told([look({ path: 'a' }), look({ path: 'b' }), look({ path: 'c' }), look({ path: 'd' })]);
    expect(others).to.deep.equal(Array(4).fill('no such file'));
    const good = await told([look({}), look({}), look({}), look({})], () => false);
    expect(good).to.deep.equal(Array(4).fill('seen'));
    let times = 0;
    const later = await told([look({}), look({}), look({}), look({})], () => times++ > 3);
    expect(later).to.deep.equal(['seen', 'seen', 'no such file', 'no such file']);
  });

  it('counts what happened between, and the calls of one reply', async () => {
    const both = [
      { id: 'c1', tool: 'look', input: { path: 'a' } },
      { id: 'c2', tool: 'look', input: { path: 'a' } },
    ];
    const outputs = await told([{ toolCalls: both }, look({ path: 'b' }), look({ path: 'a' })]);
    expect(outputs.map((output) => output.includes('failed 3 times'))).to.deep.equal([false, false, false, true]);
  });
});
