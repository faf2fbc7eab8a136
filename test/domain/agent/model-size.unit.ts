import { expect } from 'chai';
import { cheapestModel } from '../../../src/domain/agent/model-size.ts';

describe('cheapestModel', () => {
  for (const [names, cheapest] of [
    [['anthropic/claude-sonnet-5-5', 'anthropic/claude-haiku-5-5'], 'anthropic/claude-haiku-5-5'],
    [['anthropic/claude-opus-5-5', 'openai/gpt-5.5'], 'openai/gpt-5.5'],
    [['openai/gpt-5.5-mini', 'openai/gpt-5.5-nano'], 'openai/gpt-5.5-nano'],
    [['ai-sdk:google/gemini-3-pro', 'ai-sdk:google/gemini-3-flash'], 'ai-sdk:google/gemini-3-flash'],
    [['openai/one', 'anthropic/two'], 'openai/one'],
    [['rehearsal/offline', 'anthropic/claude-opus-5-5'], 'anthropic/claude-opus-5-5'],
    [['rehearsal/offline'], 'rehearsal/offline'],
    [[], undefined],
  ] as const)
    it(`takes ${cheapest} of ${names.join(', ') || 'none'}`, () => expect(cheapestModel(names)).to.equal(cheapest));
});
