import { expect } from 'chai';
import { configOf, loadWith, onlyProblem } from './loaded-config.ts';

describe('The variables of the models', () => {
  it('reads effort and output limits of models and agents, and refuses unknown values', () => {
    const { models, agents } = configOf(
      loadWith({
        ANTHROPIC_API_KEY: 'sk-test-1',
        ANTHROPIC_EFFORT: 'LOW',
        ANTHROPIC_MAX_OUTPUT_TOKENS: '20000',
        OPENAI_API_KEY: 'sk-test-2',
        OPENAI_EFFORT: 'none',
        KEPT_CHAT_EFFORT: 'minimal',
        KEPT_PROMISE_MAX_OUTPUT_TOKENS: '100000',
      }),
    );
    expect(models.anthropic).to.deep.include({ effort: 'low', maxOutputTokens: 20_000 });
    expect(models.openai).to.include({ effort: 'none' }).and.not.to.have.property('maxOutputTokens');
    expect(agents.chat).to.deep.equal({ effort: 'minimal' });
    expect(agents.promise).to.deep.equal({ maxOutputTokens: 100_000 });

    expect(onlyProblem(loadWith({ KEPT_CHAT_EFFORT: 'hihg' }))).to.deep.include({ severity: 'error', problem: '"hihg" is not known' });
    expect(onlyProblem(loadWith({ KEPT_CHAT_EFFORT: 'hihg' })).hint).to.include('did you mean "high"? use one of: none, minimal, low');
    expect(onlyProblem(loadWith({ KEPT_PROMISE_MAX_OUTPUT_TOKENS: '10' })).problem).to.include('is less than 256');
    for (const [name, key] of [
      ['ANTHROPIC_EFFORT', 'ANTHROPIC_API_KEY'],
      ['OPENAI_MAX_OUTPUT_TOKENS', 'OPENAI_API_KEY or OPENAI_BASE_URL'],
    ] as const) {
      const value = name === 'ANTHROPIC_EFFORT' ? 'low' : '1000';
      expect(onlyProblem(loadWith({ [name]: value }))).to.deep.include({ place: name, severity: 'warning', hint: `set ${key}` });
    }
  });

  it('orders the configured models, Anthropic first', () => {
    expect(configOf(loadWith({ OPENAI_API_KEY: 'o-key', ANTHROPIC_API_KEY: 'a-key' })).models).to.deep.equal({
      anthropic: { apiKey: 'a-key', model: 'claude-sonnet-5-5' },
      openai: { apiKey: 'o-key', model: 'gpt-5.5' },
      rehearsal: { paceMs: 0 },
      order: ['anthropic', 'openai'],
    });
  });

  it("reads over which API OpenAI's models are asked", () => {
    expect(configOf(loadWith({ OPENAI_API_KEY: 'o-key', OPENAI_API: 'Responses' })).models.openai).to.include({ api: 'responses' });
    expect(onlyProblem(loadWith({ OPENAI_API_KEY: 'o-key', OPENAI_API: 'respones' })).hint).to.include('did you mean "responses"?');
    expect(onlyProblem(loadWith({ OPENAI_API: 'chat' }))).to.include({
      severity: 'warning',
      hint: 'set OPENAI_API_KEY or OPENAI_BASE_URL',
    });
  });

  it('takes a base address for an OpenAI-compatible server without a key', () => {
    const { models } = configOf(loadWith({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/', OPENAI_MODEL: 'llama' }));
    expect(models.openai).to.deep.equal({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama' });
    expect(models.order).to.deep.equal(['openai']);
    expect(onlyProblem(loadWith({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).place).to.equal('OPENAI_MODEL');
  });

  for (const [address, problem, hint] of [
    ['http://127.0.0.1:11434', 'has no path: most servers of this kind answer below /v1', 'give http://127.0.0.1:11434/v1'],
    ['http://host/v1/chat/completions', 'ends in /chat/completions, which is added to it', 'give http://host/v1'],
    ['https://host/api/v1/models/', 'ends in /models, which is added to it', 'give https://host/api/v1'],
    ['https://host/v1/v1', 'ends in /v1 twice', 'give https://host/v1'],
    [
      'https://host/openai/v1?api-version=2',
      'holds a part behind ? or #, which no request would be sent with',
      'give https://host/openai/v1',
    ],
  ] as const)
    it(`refuses OPENAI_BASE_URL=${address}, and says which base address to give`, () =>
      expect(onlyProblem(loadWith({ OPENAI_BASE_URL: address, OPENAI_MODEL: 'm' }))).to.include({
        place: 'OPENAI_BASE_URL',
        problem,
        hint,
      }));

  for (const [address, hint] of [
    ['https://host/v1', 'give https://host'],
    ['https://host/v1/messages', 'give https://host'],
    ['https://host/anthropic/v1/', 'give https://host/anthropic'],
  ] as const)
    it(`refuses ANTHROPIC_BASE_URL=${address}, and says which base address to give`, () =>
      expect(onlyProblem(loadWith({ ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: 'a-key' }))).to.include({ severity: 'error', hint }));

  it('takes base addresses as the providers give them', () => {
    for (const address of [
      'https://api.openai.com/v1',
      'https://openrouter.ai/api/v1',
      'https://name.openai.azure.com/openai/v1/',
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'https://api.groq.com/openai/v1',
      'https://host/inference',
    ])
      expect(configOf(loadWith({ OPENAI_BASE_URL: address, OPENAI_MODEL: 'm' })).warnings).to.deep.equal([]);
    const anthropic = { ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'https://host/anthropic' };
    expect(configOf(loadWith(anthropic)).warnings).to.deep.equal([]);
  });

  it('orders the models by KEPT_MODELS, and refuses names that are unknown, doubled or not configured', () => {
    expect(configOf(loadWith({ KEPT_MODELS: 'rehearsal,Anthropic', ANTHROPIC_API_KEY: 'a-key' })).models.order).to.deep.equal([
      'rehearsal',
      'anthropic',
    ]);
    const several = 'OpenAI/gpt-5.5-mini,ai-sdk:google/Gemini-3,anthropic';
    expect(configOf(loadWith({ KEPT_MODELS: several, ANTHROPIC_API_KEY: 'a-key', OPENAI_API_KEY: 'o-key' })).models.order).to.deep.equal([
      'openai/gpt-5.5-mini',
      'ai-sdk:google/Gemini-3',
      'anthropic',
    ]);
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'ai-sdk:google/g' }, undefined, { hasPackage: () => false })).hint).to.include(
      '`npm install @ai-sdk/google`',
    );
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'anthropic/claude-sonnet-5-5,anthropic', ANTHROPIC_API_KEY: 'a-key' })).problem).to.equal(
      'anthropic/claude-sonnet-5-5 is named twice',
    );
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'antropic' })).hint).to.equal('did you mean "anthropic"?');
    for (const twice of ['rehearsal,rehearsal', 'Rehearsal,rehearsal,rehearsal'])
      expect(onlyProblem(loadWith({ KEPT_MODELS: twice })).problem).to.equal('rehearsal is named twice');
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'openai,openai' }))).to.include({
      problem: 'openai is named twice',
      hint: 'name each once, first the one to try first, and set OPENAI_API_KEY or OPENAI_BASE_URL',
    });
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'antropic,antropic' })).problem).to.equal('no model is called "antropic"');
    expect(onlyProblem(loadWith({ KEPT_MODELS: 'openai' })).problem).to.include('not configured');
    expect(onlyProblem(loadWith({ KEPT_MODELS: ',' })).problem).to.include('commas');
  });

  it('refuses a base address that is no address, or that holds a password', () => {
    expect(onlyProblem(loadWith({ ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'ftp://x' })).place).to.equal('ANTHROPIC_BASE_URL');
    const refused = onlyProblem(loadWith({ ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'https://ann:hunter2@x' }));
    expect(refused.hint).to.include('ANTHROPIC_API_KEY');
    expect(JSON.stringify(refused)).not.to.include('hunter2');
  });
});
