import { expect } from 'chai';
import { makeResilientModel, withReplyLimits } from '../../../src/application/index.ts';
import { type BeginCall, silentEvents } from '../../../src/ports/index.ts';
import { makeFixedClock, makeScriptedModel, makeSeededRandomness } from '../../../src/testing/index.ts';
import { aRequest } from '../../support/model-peer.ts';

describe('a model with limits of its own', () => {
  for (const [limits, asked, sent] of [
    [{}, { effort: 'high', maxOutputTokens: 100 }, { effort: 'high', maxOutputTokens: 100 }],
    [{ effort: 'low' }, { effort: 'high', maxOutputTokens: 100 }, { effort: 'low', maxOutputTokens: 100 }],
    [{ maxOutputTokens: 50 }, { maxOutputTokens: 100 }, { maxOutputTokens: 50 }],
    [{ maxOutputTokens: 500 }, { maxOutputTokens: 100 }, { maxOutputTokens: 100 }],
  ] as const)
    it(`with ${JSON.stringify(limits)} is asked ${JSON.stringify(asked)} as ${JSON.stringify(sent)}`, async () => {
      const model = makeScriptedModel([{ text: 'Hi.' }]);
      const limited = withReplyLimits(model, limits);
      await limited.respond(aRequest(asked), { signal: new AbortController().signal, onEvent: () => undefined });
      expect(limited.name).to.equal(model.name);
      expect(model.requests[0]).to.deep.equal(aRequest(sent));
    });

  it('tells its length to whoever pays, through the chain that asks it, and the lesser of two', async () => {
    const limited = withReplyLimits(withReplyLimits(makeScriptedModel([{ text: 'Hi.' }]), { maxOutputTokens: 50 }), {
      maxOutputTokens: 70,
    });
    const chain = makeResilientModel([limited], { clock: makeFixedClock(), randomness: makeSeededRandomness(1), events: silentEvents });
    const begun: number[] = [];
    const beginCall: BeginCall = (_, { maxOutputTokens }) => {
      begun.push(maxOutputTokens);
      return { end: () => undefined };
    };
    await chain.respond(aRequest({ maxOutputTokens: 100 }), {
      signal: new AbortController().signal,
      onEvent: () => undefined,
      beginCall,
    });
    expect(begun).to.deep.equal([50]);
  });
});
