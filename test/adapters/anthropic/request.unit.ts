import { expect } from 'chai';
import fc from 'fast-check';
import { mostOutput } from '../../../src/adapters/anthropic/model-facts.ts';
import { toParams } from '../../../src/adapters/anthropic/request.ts';
import type { Effort } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { wellFormed } from '../../../src/domain/shared/well-formed.ts';
import { brokenRules } from '../../fakes/anthropic/rules.ts';
import { conversationSteps } from '../../support/conversation-steps.ts';
import { aRequest } from '../../support/model-peer.ts';

const HEADERS = { 'anthropic-version': '2023-06-01', 'x-api-key': 'test', 'content-type': 'application/json' };
const params = (model: string, effort?: Effort, settings: { effort?: Effort; maxOutputTokens?: number } = {}) => {
  const asked = aRequest({ maxOutputTokens: 1_000_000, ...present({ effort }) });
  const body = toParams({ model, name: `anthropic/${model}`, ...settings }, asked);
  expect(brokenRules({ headers: HEADERS, body }).map(({ message }) => message)).to.deep.equal([]);
  return body;
};

describe('what is asked of a Claude model', () => {
  for (const [model, limit] of [
    ['claude-sonnet-5-5', 128_000],
    ['claude-opus-5-5', 128_000],
    ['claude-haiku-5-5', 128_000],
    ['claude-fable-5-2', 128_000],
    ['claude-sonnet-6', 128_000],
    ['claude-sonnet-5', 128_000],
    ['claude-opus-4-8', 128_000],
    ['anthropic.claude-opus-4-6-v1', 128_000],
    ['anthropic/claude-sonnet-4.6', 128_000],
    ['claude-sonnet-4-5-20250929', 64_000],
    ['claude-haiku-4-5', 64_000],
    ['claude-opus-4-5', 64_000],
    ['claude-opus-4-1-20250805', 32_000],
    ['claude-opus-4-20250514', 32_000],
    ['claude-sonnet-4-20250514', 64_000],
    ['claude-3-7-sonnet-20250219', 64_000],
    ['claude-3-5-haiku-20241022', 8_192],
    ['claude-3-haiku-20240307', 4_096],
    ['my-own-model', 8_192],
  ] as const)
    it(`${model} is asked for ${limit} tokens at the most, and says so`, () =>
      expect([params(model).max_tokens, mostOutput({ model })]).to.deep.equal([limit, limit]));

  it('is what the API takes, whatever was said, called and attached', () => {
    const block = fc.oneof(
      fc.record({ type: fc.constant('thinking'), thinking: fc.string(), signature: fc.string({ minLength: 1 }) }),
      fc.record({ type: fc.constant('redacted_thinking'), data: fc.string({ minLength: 1 }) }),
      fc.record({ type: fc.constant('text'), text: fc.string({ minLength: 1 }).filter((text) => text.trim() !== '') }),
      fc.record({ type: fc.constant('tool_use'), id: fc.string(), name: fc.string(), input: fc.constant({}) }),
    );
    const attached = fc.record({
      by: fc.constantFrom('anthropic/claude-sonnet-5-5', 'openai/x'),
      content: fc.array(block, { maxLength: 4 }),
    });
    const conversation = conversationSteps.chain((steps) =>
      fc
        .array(fc.option(attached, { nil: undefined }), { minLength: steps.length, maxLength: steps.length })
        .map((all) => steps.map((step, at) => (step.role === 'agent' ? { ...step, ...present({ attached: all[at] }) } : step))),
    );
    const tools = fc.constantFrom([], [{ name: 'look', description: '', inputSchema: {} }]);
    fc.assert(
      fc.property(conversation, tools, fc.constantFrom(undefined, 'none' as const), (steps, declared, toolChoice) => {
        const asked = aRequest({ conversation: steps, tools: declared, ...present({ toolChoice }) });
        const body = wellFormed(toParams({ model: 'claude-sonnet-5-5', name: 'anthropic/claude-sonnet-5-5' }, asked));
        expect(brokenRules({ headers: HEADERS, body }).map(({ message }) => message)).to.deep.equal([]);
      }),
    );
  });

  it('is asked for no more than its settings and the agent say, and never for more than it gives', () => {
    expect(params('claude-sonnet-5-5', undefined, { maxOutputTokens: 20_000 }).max_tokens).to.equal(20_000);
    expect(params('claude-sonnet-5-5', undefined, { maxOutputTokens: 900_000 }).max_tokens).to.equal(128_000);
    expect(params('my-own-model', undefined, { maxOutputTokens: 40_000 }).max_tokens).to.equal(40_000);
    expect(toParams({ model: 'claude-sonnet-5-5', name: 'x' }, aRequest({ maxOutputTokens: 300 })).max_tokens).to.equal(300);
  });

  for (const [model, wanted, sent] of [
    ['claude-sonnet-5-5', undefined, {}],
    ['claude-sonnet-5-5', 'medium', { output_config: { effort: 'medium' } }],
    ['claude-sonnet-5-5', 'none', { output_config: { effort: 'low' } }],
    ['claude-sonnet-5-5', 'minimal', { output_config: { effort: 'low' } }],
    ['claude-sonnet-5-5', 'max', { output_config: { effort: 'max' } }],
    ['claude-sonnet-5', 'none', { thinking: { type: 'disabled' } }],
    ['claude-opus-4-6', 'xhigh', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    ['claude-opus-4-6', 'none', { output_config: { effort: 'low' } }],
    ['claude-opus-4-5', 'max', { output_config: { effort: 'high' } }],
    ['claude-haiku-4-5', 'high', {}],
    ['claude-3-5-haiku-20241022', 'high', {}],
    ['my-own-model', 'high', {}],
  ] as const)
    it(`${model} is told the effort ${wanted ?? 'of its own'} as it takes it`, () => {
      const { output_config, thinking } = params(model, wanted);
      expect({ ...(thinking ? { thinking } : {}), ...(output_config ? { output_config } : {}) }).to.deep.equal(sent);
    });

  it('has the effort of its settings whatever the agent asks for, also where nothing is known of it', () => {
    expect(params('claude-sonnet-5-5', 'high', { effort: 'low' }).output_config).to.deep.equal({ effort: 'low' });
    expect(params('my-own-model', 'high', { effort: 'xhigh' }).output_config).to.deep.equal({ effort: 'xhigh' });
    expect(params('my-own-model', 'high', { effort: 'none' }).output_config).to.equal(undefined);
  });
});
