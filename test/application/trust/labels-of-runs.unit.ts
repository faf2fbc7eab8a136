import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeStoredJournal } from '../../../src/application/agents/stored-journal.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import type { RunStep, ToolStep } from '../../../src/domain/agent/run-step.ts';
import type { Provenance } from '../../../src/domain/index.ts';
import type { Tool } from '../../../src/ports/index.ts';
import { buildRun, buildTool, makeFixedClock, makeRecordingEvents, makeScriptedModel, START } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { buildModelStep, usageOf } from '../../support/run-steps.ts';
import { testerContext, testerWith } from '../agents/tester.ts';
import { redact, SECRET } from '../support/harness.ts';

const agent = testerWith(['read_page', 'recall', 'look', 'old_page', 'search_web'], 8);
const calling = (...tools: readonly string[]) => ({ toolCalls: tools.map((tool, at) => ({ id: `c${at}`, tool, input: {} })) });
const PERSON = { role: 'person', name: 'Ada', text: 'look', provenance: { labels: ['member'] } } as const;

/** Runs the script; `look` tells what the run had been shown at each of its calls. */
const run = async (script: Parameters<typeof makeScriptedModel>[0], recorded: readonly RunStep[] = []) => {
  const { stores } = makeMemoryStorage();
  const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
  const seen: (Provenance | undefined)[] = [];
  const inputs: unknown[] = [];
  const tools: readonly Tool[] = [
    buildTool({ name: 'read_page', source: 'web' }),
    buildTool({ name: 'search_web', source: 'web' }),
    buildTool({
      name: 'recall',
      readsPrivate: true,
      run: async () => ({ output: `the key is ${SECRET}`, isError: false, provenance: { labels: ['notion'] } }),
    }),
    buildTool({
      name: 'look',
      run: async (input, { shown }) => {
        seen.push(shown?.provenance());
        inputs.push(input);
        return { output: 'seen', isError: false };
      },
    }),
  ];
  const model = makeScriptedModel(script);
  const stored = buildRun('r', { agent: agent.name });
  if (recorded.length > 0) await stores.journal.append({ run: stored, writer: 'earlier', from: 0, steps: recorded });
  const journal = makeStoredJournal({ journal: stores.journal, clock, events, writer: 'later' }, stored, {
    recorded: await stores.journal.openTurn(stored.chatId),
  });
  const ended = await makeRunAgent({ ...modelAndTools(model, tools), events, clock, redact })(agent, {
    conversation: [PERSON],
    context: testerContext(),
    situation: '',
    journal,
  });
  return { seen, inputs, ended, model };
};

const result = (tool: string, provenance?: Provenance): RunStep => ({
  kind: 'tool',
  at: START,
  durationMs: 1,
  call: 0,
  tool,
  effect: 'reads',
  input: {},
  output: 'said',
  isError: false,
  outcome: 'done',
  ...(provenance ? { provenance } : {}),
});
const reply = (tool: string): RunStep => buildModelStep({ usage: usageOf(5), stop: 'tool_calls', calls: [{ id: 'a', tool, input: {} }] });

describe('The labels of a run', () => {
  it('are those of all that its model was shown when it made the call', async () => {
    const { seen, ended } = await run([
      calling('look'),
      calling('read_page', 'look'),
      calling('look', 'recall'),
      calling('look'),
      { text: 'Done.' },
    ]);
    expect(seen).to.deep.equal([
      { labels: ['member'] },
      // What the page says comes with the next request: it can't have led to a call of the same reply.
      { labels: ['member', 'agent'] },
      { labels: ['member', 'web', 'agent'] },
      { labels: ['member', 'web', 'notion', 'agent'], isPrivate: true },
    ]);
    expect(ended.steps.at(-1)?.provenance).to.deep.equal({ labels: ['member', 'web', 'notion', 'agent'], isPrivate: true });
  });

  it('have none for what Kept itself says of a call that was not run', async () => {
    const { effect: _, ...promised } = result('search_web') as ToolStep;
    const { seen } = await run([calling('look'), { text: 'Done.' }], [reply('search_web'), promised]);
    expect(seen).to.deep.equal([{ labels: ['member', 'agent'] }]);
  });

  it('are the same when another process goes on with the run', async () => {
    const recorded = [reply('recall'), result('recall', { labels: ['guest'], isPrivate: true }), reply('search_web'), result('search_web')];
    const { seen } = await run([calling('look'), { text: 'Done.' }], recorded);
    // The second result was recorded before there were labels: the name of its tool tells.
    expect(seen).to.deep.equal([{ labels: ['member', 'guest', 'web'], isPrivate: true }]);
  });

  it('have nothing of a call that was refused', async () => {
    const { seen } = await run([calling('old_page'), calling('look'), { text: 'Done.' }]);
    expect(seen).to.deep.equal([{ labels: ['member', 'agent'] }]);
  });

  it('are unknown for a result that was recorded before there were labels, whose tool says nothing of its source', async () => {
    const { seen } = await run([calling('look'), { text: 'Done.' }], [reply('recall'), result('recall')]);
    expect(seen).to.deep.equal([{ labels: ['member', 'unknown'], isPrivate: true }]);
  });

  it('go to the model with each result that others wrote, in the same words at each request', async () => {
    const { model } = await run([calling('read_page'), calling('look'), { text: 'Done.' }]);
    const [, second, third] = model.requests;
    expect(third?.conversation.slice(0, second?.conversation.length)).to.deep.equal(second?.conversation);
  });
});

describe('A secret that a tool tells', () => {
  it('reaches no other tool in plain: models are not shown it, and can pass on nothing but its place', async () => {
    const { inputs, model } = await run([
      calling('recall'),
      ({ conversation }) => {
        const [told] = conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
        return { toolCalls: [{ id: 'c', tool: 'look', input: { text: told } }] };
      },
      { text: 'Done.' },
    ]);
    expect(inputs).to.deep.equal([{ text: 'the key is [redacted]' }]);
    expect(JSON.stringify(model.requests)).not.to.include(SECRET);
  });
});
