import { expect } from 'chai';
import { withReplyLimits } from '../../../src/application/index.ts';
import { makeScriptedModel } from '../../../src/testing/index.ts';
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
});
