import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeStoredJournal } from '../../../src/application/agents/stored-journal.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import { MAX_RUN_LENGTH } from '../../../src/domain/agent/agent.ts';
import type { RunStep } from '../../../src/domain/agent/run-step.ts';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { buildRun, buildTool, makeFixedClock, makeRecordingEvents, makeScriptedModel, START } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { buildModelStep, usageOf } from '../../support/run-steps.ts';
import { redact } from '../support/harness.ts';
import { HELLO, testerContext, testerWith } from './tester.ts';

const agent = testerWith(['look']);
const reply = (calls: ReturnType<typeof buildModelStep>['calls']): RunStep =>
  buildModelStep({ usage: usageOf(5), stop: 'tool_calls', calls });
const saw = (call: number, output: string): RunStep => ({
  kind: 'tool',
  at: START,
  durationMs: 1,
  call,
  tool: 'look',
  effect: 'reads',
  input: {},
  output,
  isError: false,
  outcome: 'done',
});

/** Goes on with a run of which an earlier process recorded these steps. */
const goOn = async (steps: readonly RunStep[]) => {
  const { stores } = makeMemoryStorage();
  const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
  const run = buildRun('r', { agent: agent.name });
  await stores.journal.append({ run, writer: 'earlier', from: 0, steps });
  const recorded = await stores.journal.openTurn(run.chatId);
  const looked: unknown[] = [];
  const look = buildTool({
    name: 'look',
    effect: 'reads',
    run: async (input) => {
      looked.push(input);
      return { output: 'seen', isError: false };
    },
  });
  const model = makeScriptedModel([{ text: 'Done.', usage: usageOf(3) }]);
  const used: number[] = [];
  await makeRunAgent({ ...modelAndTools(model, [look]), events, clock, redact })(agent, {
    conversation: HELLO,
    context: testerContext(),
    situation: '',
    journal: makeStoredJournal({ journal: stores.journal, clock, events, writer: 'later' }, run, { recorded }),
    onUsage: ({ inputTokens }) => used.push(inputTokens),
  });
  const results = (model.requests[0]?.conversation ?? []).filter(
    (step): step is Extract<ConversationStep, { role: 'tool' }> => step.role === 'tool',
  );
  return { looked, used, results };
};

describe('A run that goes on from what an earlier process recorded', () => {
  it('runs no call whose arguments are not kept, and says so to the model', async () => {
    const { looked, results } = await goOn([reply([{ id: 'a', tool: 'look', input: { key: '[redacted]' }, isRedacted: true }])]);
    expect(looked).to.deep.equal([]);
    expect(results.map(({ output, isError }) => [isError, output])).to.deep.equal([
      [
        true,
        'look was not run: the process ended before it, and its arguments held something that is not kept. Call it again if it is still needed.',
      ],
    ]);
  });

  it('runs the calls that have no result yet, and no other', async () => {
    const calls = ['a', 'b'].map((id) => ({ id, tool: 'look', input: { id } }));
    const { looked, results } = await goOn([reply(calls), saw(0, 'seen before')]);
    expect(looked).to.deep.equal([{ id: 'b' }]);
    expect(results.map(({ callId, output }) => [callId, output])).to.deep.equal([
      ['a', 'seen before'],
      ['b', 'seen'],
    ]);
  });

  it('reads no more than a run may, with what was read before', async () => {
    const calls = ['a', 'b'].map((id) => ({ id, tool: 'look', input: {} }));
    const { looked, results } = await goOn([reply(calls), saw(0, 'x'.repeat(MAX_RUN_LENGTH + 1))]);
    expect(looked).to.deep.equal([]);
    expect(results[1]?.output).to.match(/^Not run: this run has read all that it may/);
  });

  it('tells of what its own replies used, and not of those that are recorded', async () => {
    const steps = [reply([{ id: 'a', tool: 'look', input: {} }]), saw(0, 'seen')];
    expect((await goOn(steps)).used).to.deep.equal([3]);
  });
});
