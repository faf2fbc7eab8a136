import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRunAgent, PROMISE_AGENT } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { makePromiseRuns } from '../../../src/application/worker/promise-run.ts';
import type { LeasedPromise } from '../../../src/domain/index.ts';
import type { Tool } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  buildTool,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  makeSeededRandomness,
  promiseAfter,
  START,
} from '../../../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../../support/catalogs.ts';
import { redact } from '../support/harness.ts';

const storage = makeMemoryStorage;
const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
const script = () => [
  { text: 'I look.', toolCalls: [{ id: 'a', tool: 'look', input: {} }], usage },
  { text: 'I send.', toolCalls: [{ id: 'b', tool: 'send', input: { n: 1 } }], usage },
  { text: 'All is sent to everybody.', usage },
];
const attempt = (attempts: number): LeasedPromise => {
  const started = promiseAfter(buildPromise(), { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 });
  return { ...started, attempts } as LeasedPromise;
};

/** One process of several that work on the same promise. */
const processOver = (
  kept: ReturnType<typeof storage>,
  steps: Parameters<typeof makeScriptedModel>[0],
  tools: readonly Tool[],
  seed: number,
) => {
  const clock = makeFixedClock();
  const events = makeRecordingEvents();
  const model = makeScriptedModel(steps);
  const executor = makeAgentExecutor({
    promises: kept.stores.promises,
    runAgent: makeRunAgent({ ...modelAndTools(model, tools), clock, events, redact, mayAct: () => true }),
    runs: makePromiseRuns({ journal: kept.stores.journal, randomness: makeSeededRandomness(seed), clock, events }),
    agents: onlyAgent({ ...PROMISE_AGENT, tools: ['look', 'send'] }),
    policy: buildPolicy(),
    clock,
    events,
  });
  const execute = (attempts: number) =>
    executor.execute(attempt(attempts), { signal: new AbortController().signal, progress: () => undefined });
  return { execute, model, events };
};

describe('A run of a promise that was interrupted', () => {
  const look = buildTool({ name: 'look', effect: 'reads' });

  it('goes on from its last step: no reply is asked for again, nor paid for', async () => {
    const kept = storage();
    let begun: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const sent: unknown[] = [];
    const send = buildTool({ name: 'send', effect: 'acts', run: async (input) => ({ output: `${sent.push(input)}`, isError: false }) });
    const [first, second, third] = script();
    if (!first || !second || !third) throw new Error('the script has three replies');
    const cut = processOver(kept, [first, second], [look, send], 1);
    const { respond } = cut.model;
    cut.model.respond = (request, options) => {
      if (cut.model.requests.length < 2) return respond(request, options);
      begun();
      return new Promise<never>(() => undefined);
    };
    void cut.execute(1);
    await asked;
    const next = processOver(kept, [third], [look, send], 2);
    const { text, usage: used } = await next.execute(2);
    expect(text).to.equal('All is sent to everybody.');
    expect(next.model.requests).to.have.length(1);
    expect(sent).to.have.length(1);
    expect(used.inputTokens).to.equal(1);
  });

  it('never repeats a call of a tool that acts, and tells model and people that its outcome is not known', async () => {
    const kept = storage();
    let runs = 0;
    let begun: () => void = () => undefined;
    const acting = new Promise<void>((resolve) => (begun = resolve));
    const send = buildTool({
      name: 'send',
      effect: 'acts',
      run: () => {
        runs++;
        begun();
        return new Promise<never>(() => undefined);
      },
    });
    const [first, second, third] = script();
    if (!first || !second || !third) throw new Error('the script has three replies');
    void processOver(kept, [first, second], [look, send], 1).execute(1);
    await acting;
    const next = processOver(kept, [third], [look, send], 2);
    const { text } = await next.execute(2);
    expect(runs).to.equal(1);
    expect(text).to.match(/^\(Kept was interrupted while it ran send\./);
    expect(JSON.stringify(next.model.requests[0]?.conversation)).to.include('Whether it took effect is not known');
    expect(next.events.of('tool-outcome-unknown')).to.have.length(1);
  });

  it('asks a tool that can say what became of its call, by the same key', async () => {
    const kept = storage();
    const keys: (string | undefined)[] = [];
    let begun: () => void = () => undefined;
    const acting = new Promise<void>((resolve) => (begun = resolve));
    const send = buildTool({
      name: 'send',
      effect: 'acts',
      run: (_, { callKey }) => {
        keys.push(callKey);
        begun();
        return new Promise<never>(() => undefined);
      },
      outcomeOf: async (_, { callKey }) => {
        keys.push(callKey);
        return { output: 'sent before', isError: false };
      },
    });
    const [first, second, third] = script();
    if (!first || !second || !third) throw new Error('the script has three replies');
    void processOver(kept, [first, second], [look, send], 1).execute(1);
    await acting;
    const next = processOver(kept, [third], [look, send], 2);
    expect((await next.execute(2)).text).to.equal('All is sent to everybody.');
    expect(keys).to.have.length(2);
    expect(keys[0]).to.be.a('string').and.to.equal(keys[1]);
    expect(JSON.stringify(next.model.requests[0]?.conversation)).to.include('sent before');
  });
});
