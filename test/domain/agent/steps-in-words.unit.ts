import { expect } from 'chai';
import { runStepViews } from '../../../src/adapters/views/index.ts';
import { approvalId, NO_USAGE, type RecordedCall, type RunStep, type RunStepOf, stepsInWords } from '../../../src/domain/index.ts';
import { buildApproval, buildPromise } from '../../../src/testing/index.ts';

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

  it('say of a call that its turn handed on where it went: it is not done', () => {
    const { effect: _, ...step } = result(0, 'done') as RunStepOf<'tool'>;
    const promise = buildPromise({ metadata: { call: { tool: 'send', input: {} } } });
    const approval = buildApproval({ id: approvalId(4), promiseId: promise.id });
    const handed = { ...step, effect: 'decides' as const, decisions: [{ type: 'make-promise' as const, promise }] };
    const asked = { ...handed, decisions: [...handed.decisions, { type: 'ask-approval' as const, approval }] };
    const made = { ...handed, tool: 'make_promise' };
    expect(stepsInWords([handed, asked, made]).map((line) => line.replace(/^Step \d: |, 3 ms\.$/g, ''))).to.deep.equal([
      `send: handed to promise #${promise.id}`,
      'send: asked for approval #4, not run here',
      'make_promise: done',
    ]);
    const [first, second, third] = runStepViews([handed, asked, made]);
    expect(first).to.deep.include({ outcome: 'promised', promiseId: promise.id });
    expect(second).to.deep.include({ outcome: 'asked', promiseId: promise.id, approvalId: 4 });
    expect(third).to.deep.include({ outcome: 'done' }).and.not.have.property('promiseId');
  });

  it('name no model where none replied: the promise is that one call', () => {
    expect(stepsInWords([{ ...reply(1), model: 'kept' } as RunStep, result(0, 'done')])).to.deep.equal(['Step 1: send: done, 3 ms.']);
  });

  it('say what became of a call that has no step', () => {
    const asks = (calls: readonly RecordedCall[]): RunStep => ({ ...reply(1), calls }) as RunStep;
    const gaveUp = { id: '1', tool: 'report_failure', input: { reason: 'There is no tool\nthat lists files.' } };
    expect(stepsInWords([asks([gaveUp])])[1]).to.equal(
      'Step 2: report_failure: ended the run as not done (There is no tool that lists files).',
    );
    const refused = { id: '1', tool: 'send', input: {}, refusal: 'send was not run: too large.' };
    expect(stepsInWords([asks([refused])])[1]).to.equal('Step 2: send: refused (send was not run: too large).');
    expect(stepsInWords([reply(2), result(0, 'done'), reply(1)]).slice(1)).to.deep.equal([
      'Step 2: send: done, 3 ms.',
      'Step 3: send: without a result: the run was ended before it, or during it.',
      'Step 4: scripted-1 replied, with 1 tool call, 7 ms.',
      'Step 5: send: without a result: the run is at it, or ended before it.',
    ]);
  });

  it('say why a call was refused, within bounds', () => {
    const because = (output: string): string => stepsInWords([{ ...result(0, 'refused', true), output } as RunStep]).join();
    expect(because('There is no tool\nnamed send here.')).to.equal('Step 1: send: refused (There is no tool named send here), 3 ms.');
    expect(because('x'.repeat(9_999))).to.have.length.below(400);
  });

  it('name a call that was begun and has no result', () => {
    expect(stepsInWords([reply(1), intent(0)]).at(-1)).to.equal('Step 2: send: begun, without a result.');
    expect(stepsInWords([reply(1), intent(0), intent(0), result(0, 'done')])).to.have.length(2);
  });
});
