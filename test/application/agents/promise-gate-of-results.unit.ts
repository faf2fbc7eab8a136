import { expect } from 'chai';
import { makeRunAgent, PROMISE_AGENT } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { type LeasedPromise, promiseId } from '../../../src/domain/index.ts';
import {
  buildPolicy,
  buildPromise,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  promiseAfter,
  type ScriptedStep,
  START,
} from '../../../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../../support/catalogs.ts';
import { NOTHING, running } from '../support/gate-harness.ts';
import { makeWorld, redact } from '../support/harness.ts';

describe('the promise gate over the result of a promise', () => {
  const result = async (script: readonly ScriptedStep[], drafts: readonly number[] = []) => {
    const world = makeWorld();
    await world.storage.stores.promises.add(drafts.map((id) => buildPromise({ id: promiseId(id) })));
    const model = makeScriptedModel(script);
    const recorded = makeRecordingEvents();
    const executor = makeAgentExecutor({
      promises: world.storage.stores.promises,
      runAgent: makeRunAgent({ ...modelAndTools(model, []), events: recorded, clock: makeFixedClock(), redact }),
      agents: onlyAgent({ ...PROMISE_AGENT, tools: ['make_promise'] }),
      policy: buildPolicy(),
      clock: world.clock,
      events: recorded,
    });
    const promise = promiseAfter(buildPromise(), { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;
    const { text } = await executor.execute(promise, { signal: running, progress: () => undefined });
    return { model, recorded, text };
  };

  it("sends back a promise's result that says it goes on later, and offers no promise for it", async () => {
    const { text, model, recorded } = await result([
      { text: "Half done. I'll continue later." },
      { text: 'Half is done; the rest is not.' },
    ]);
    expect(text).to.equal('Half is done; the rest is not.');
    const note = model.requests[1]?.conversation.at(-1);
    expect(note?.role === 'person' && note.text)
      .to.include("“I'll continue later.”")
      .and.not.include('make_promise');
    expect(recorded.of('answer-sent-back')[0]).to.include({ agent: 'valor_agent', gate: 'sent-back' });
  });

  it("removes the claim from a promise's result that says again that it goes on later", async () => {
    const { text, recorded } = await result([{ text: "I'll continue later." }, { text: "Half done. I'll continue later." }]);
    expect(text).to.equal(`Half done. ${NOTHING}`);
    const gates = recorded.events.map(({ type }) => type).filter((type) => type.startsWith('answer-'));
    expect(gates).to.deep.equal(['answer-sent-back', 'answer-rewritten']);
  });

  it('delivers a true result of a promise as it is', async () => {
    expect((await result([{ text: 'There are three.' }])).text).to.equal('There are three.');
    expect((await result([{ text: 'Promise #5 still runs; I will let you know.' }], [5])).text).to.include('Promise #5');
  });
});
