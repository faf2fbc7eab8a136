import { expect } from 'chai';
import { modelNameOf, modelReferenceProblem, readModelReference } from '../../../src/domain/agent/model-reference.ts';

const KNOWN = { anthropic: { model: 'claude-sonnet-5-5' }, openai: { model: 'gpt-5.5' } };
const nameOf = (text: string): string | undefined => {
  const reference = readModelReference(text);
  return reference && modelNameOf(reference, KNOWN);
};

describe('readModelReference', () => {
  for (const [text, name] of [
    ['anthropic', 'anthropic/claude-sonnet-5-5'],
    [' Anthropic ', 'anthropic/claude-sonnet-5-5'],
    ['anthropic/claude-haiku-5-5', 'anthropic/claude-haiku-5-5'],
    ['openai/meta-llama/Llama-4', 'openai/meta-llama/Llama-4'],
    ['openai/qwen3:8b', 'openai/qwen3:8b'],
    ['rehearsal', 'rehearsal/offline'],
    ['ai-sdk:@ai-sdk/google/gemini-3-pro', 'ai-sdk:google/gemini-3-pro'],
    ['ai-sdk:google/gemini-3-pro', 'ai-sdk:google/gemini-3-pro'],
    ['AI-SDK:groq/meta-llama/llama-4', 'ai-sdk:groq/meta-llama/llama-4'],
    ['ai-sdk:@openrouter/ai-sdk-provider/anthropic/claude-x', 'ai-sdk:@openrouter/ai-sdk-provider/anthropic/claude-x'],
  ] as const)
    it(`reads ${JSON.stringify(text)} as ${name}`, () => expect(nameOf(text)).to.equal(name));

  it('takes a short name for a package of the AI SDK, and else for a package of that name', () => {
    expect(readModelReference('ai-sdk:ollama-ai-provider-v2/qwen3')).to.deep.equal({
      provider: 'ai-sdk',
      packages: ['@ai-sdk/ollama-ai-provider-v2', 'ollama-ai-provider-v2'],
      model: 'qwen3',
    });
  });

  for (const text of [
    '',
    'claude',
    'anthropic/',
    'anthropic/a b',
    'rehearsal/x',
    'ai-sdk:',
    'ai-sdk:google',
    'ai-sdk:@ai-sdk/google',
    'ai-sdk:../../evil/x',
    'ai-sdk:@ai-sdk/../x/y',
    'ai-sdk:/etc/passwd',
    'ai-sdk:node:fs/x',
    'ai-sdk:./x/y',
    'constructor',
  ])
    it(`takes ${JSON.stringify(text)} for no reference`, () => {
      const reference = readModelReference(text);
      expect(
        reference?.provider === 'ai-sdk' ? reference.packages.filter((name) => /\.\.|^[/.]|:/.test(name)) : (reference ?? []),
      ).to.deep.equal([]);
    });
});

describe('modelReferenceProblem', () => {
  it('finds nothing wrong with what is configured and installed', () => {
    for (const text of ['anthropic', 'openai/o4', 'rehearsal', 'ai-sdk:google/g'])
      expect(modelReferenceProblem(text, KNOWN), text).to.equal(undefined);
  });

  for (const [text, problem, hint] of [
    [
      'anthropic/',
      '"anthropic/" names no model behind its /',
      'write anthropic alone for the model that is configured, or anthropic/<model>',
    ],
    ['OpenAI/ ', '"OpenAI/" names no model behind its /', 'write openai alone for the model that is configured, or openai/<model>'],
    ['rehearsal/', 'no model is called "rehearsal/"', 'did you mean "rehearsal"?'],
    ['antropic/', 'no model is called "antropic/"', 'did you mean "anthropic"?'],
    ['antropic', 'no model is called "antropic"', 'did you mean "anthropic"?'],
    ['antropic/claude-x', 'no model is called "antropic/claude-x"', 'did you mean "anthropic/claude-x"?'],
    ['claude-sonnet-5-5', 'no model is called "claude-sonnet-5-5"', 'did you mean "anthropic/claude-sonnet-5-5"?'],
    ['gpt-5.5', 'no model is called "gpt-5.5"', 'did you mean "openai/gpt-5.5"?'],
    ['rehersal/x', 'no model is called "rehersal/x"', 'did you mean "rehearsal"?'],
    ['ai-sdk:google', '"ai-sdk:google" names no package with a model', 'write ai-sdk:<package>/<model>'],
    ['gemini', 'no model is called "gemini"', 'there are: anthropic, openai, rehearsal, anthropic/<model>'],
    ['anthropic', 'names anthropic, which is not configured', 'set ANTHROPIC_API_KEY'],
    ['openai/x', 'names openai, which is not configured', 'set OPENAI_API_KEY or OPENAI_BASE_URL'],
    ['ai-sdk:google/g', 'names the package @ai-sdk/google, which is not installed', '`npm install @ai-sdk/google`'],
  ] as const)
    it(`says what is wrong with ${text}, and what to do`, () => {
      const found = modelReferenceProblem(text, {}, () => false);
      expect(found?.problem).to.equal(problem);
      expect(found?.hint).to.include(hint);
    });

  it('takes a package under its own name where it has no official one', () => {
    expect(modelReferenceProblem('ai-sdk:own-provider/x', {}, (name) => name === 'own-provider')).to.equal(undefined);
  });
});
