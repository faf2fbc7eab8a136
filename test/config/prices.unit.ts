import { expect } from 'chai';
import { readConfig } from '../../src/config/load-config.ts';
import { readPrices } from '../../src/config/prices.ts';
import { BUILT_IN_PRICES, priceOf } from '../../src/domain/budget/prices.ts';

const FILE = 'config/prices.json';
const read = (content: unknown) => readPrices(FILE, typeof content === 'string' ? content : JSON.stringify(content));
const problemsOf = (content: unknown): readonly string[] => read(content).problems.map(({ place, problem }) => `${place}: ${problem}`);
const price = { input: 1.25, output: 10, cacheRead: 0.125, cacheWrite: 1.25, asOf: '2026-11-01' };

describe('The file of prices', () => {
  it('replaces entries of the built-in table as wholes, and adds others', () => {
    const { prices, problems } = read({
      'openai/gpt-5.5': price,
      'anthropic/claude-haiku-5-5': { input: 1, output: 2, asOf: '2026-11-02' },
      'perplexity/search': { call: 0.01, asOf: '2026-11-02' },
      'openai/Acme/Large:free': { input: 0, output: 0, asOf: '2026-11-02' },
    });
    expect(problems).to.deep.equal([]);
    expect(priceOf(prices, 'openai/gpt-5.5-2026-04-23')).to.deep.equal({
      tokens: { input: 1.25, output: 10, cacheRead: 0.125, cacheWrite: 1.25 },
      asOf: '2026-11-01',
    });
    expect(priceOf(prices, 'anthropic/claude-haiku-5-5')).to.deep.equal({ tokens: { input: 1, output: 2 }, asOf: '2026-11-02' });
    expect(priceOf(prices, 'perplexity/search')).to.deep.equal({ call: 0.01, asOf: '2026-11-02' });
    expect(priceOf(prices, 'openai/acme/large:free')).to.deep.include({ tokens: { input: 0, output: 0 } });
    expect(priceOf(prices, 'anthropic/claude-opus-5-5')).to.equal(priceOf(BUILT_IN_PRICES, 'anthropic/claude-opus-5-5'));
  });

  it('has every problem reported with its place and what to do, and counts nothing of an entry with one', () => {
    const content = {
      'gpt-5.5': price,
      'openai/a': { ...price, imput: 1 },
      'openai/b': { output: 1, asOf: '2026-11-01' },
      'openai/c': { ...price, input: -1 },
      'openai/d': { ...price, output: 20_000 },
      'openai/e': { ...price, input: '1.25' },
      'openai/f': { input: 1, output: 1 },
      'openai/g': { ...price, asOf: '2026-02-30' },
      'openai/h': { asOf: '2026-11-01' },
      'openai/i': 3,
      'openai/j': price,
      'OpenAI/J': price,
    };
    expect(problemsOf(content)).to.deep.equal([
      `${FILE}: gpt-5.5: this is no name of a model`,
      `${FILE}: openai/a.imput: this key is not known`,
      `${FILE}: openai/b.input: this required key is missing`,
      `${FILE}: openai/c.input: this must not be below 0`,
      `${FILE}: openai/d.output: this is too much`,
      `${FILE}: openai/e.input: this must be a number`,
      `${FILE}: openai/f.asOf: this required key is missing`,
      `${FILE}: openai/g.asOf: this is no day`,
      `${FILE}: openai/h: this names no price`,
      `${FILE}: openai/i: this must be an object in { }`,
      `${FILE}: OpenAI/J: differs from openai/j only in its case`,
    ]);
    const { prices, problems } = read(content);
    expect([...prices.keys()].filter((name) => name.startsWith('openai/'))).to.deep.equal(['openai/j']);
    expect(problems.find(({ place }) => place.endsWith('imput'))?.hint).to.equal('did you mean "input"?');
    for (const { hint, severity } of problems) {
      expect(hint).not.to.equal('');
      expect(severity).to.equal('error');
    }
  });

  it('warns of what is written and does not count', () => {
    const { prices, problems } = read({
      'rehearsal/offline': price,
      'openai/v': { call: 0.01, asOf: '2026-11-01' },
      'perplexity/search': { call: 0.01, asOf: '2026-11-01' },
    });
    expect(problems.map(({ severity, place, problem, hint }) => `${severity}: ${place}: ${problem} (${hint})`)).to.deep.equal([
      `warning: ${FILE}: rehearsal/offline: the rehearsal model costs nothing: this price does not count (remove it)`,
      `warning: ${FILE}: openai/v: this names no price of tokens, so what a model costs is not known (add "input" and "output": "call" alone is for tools)`,
    ]);
    expect(priceOf(prices, 'rehearsal/offline')).to.deep.include({ tokens: { input: 0, output: 0 } });
  });

  it('warns of a name under which nothing is asked', () => {
    const written = {
      'nosuch/q': price,
      'openia/gpt-9': price,
      'google/gemini': price,
      '@acme/models/large': price,
      'perplexity/search': price,
    };
    const readFile = (path: string) => (path.endsWith('prices.json') ? JSON.stringify(written) : undefined);
    const env = { KEPT_MODELS: 'ai-sdk:google/gemini-9, ai-sdk:@acme/models/large' };
    const { problems } = readConfig({ env, cwd: '/cwd', readFile, kindOf: () => 'directory', hasPackage: () => true });
    expect(problems.map(({ severity, place, problem, hint }) => `${severity}: ${place}: ${problem} (${hint})`)).to.deep.equal([
      `warning: ${FILE}: nosuch/q: no model and no tool is asked under "nosuch" (there are: anthropic, openai, perplexity, google, @acme/models)`,
      `warning: ${FILE}: openia/gpt-9: no model and no tool is asked under "openia" (did you mean "openai"?)`,
    ]);
  });

  it('names its own guide', () => {
    for (const { hint } of read({ 'openai/a': 3, 'openai/b': [] }).problems) expect(hint).to.equal('see docs/how-to/budgets-and-prices.md');
  });

  it('is told where it is no JSON, or no object, and then the built-in prices count alone', () => {
    expect(problemsOf('{"openai/a": }')).to.deep.equal([`${FILE}: line 1, column 14: expected a value, found "}"`]);
    expect(problemsOf('[]')).to.deep.equal([`${FILE}: this must be an object in { }`]);
    expect(problemsOf('{"openai/a": {}, "openai/a": {}}')[0]).to.match(/the key "openai\/a" stands twice/);
    expect(read('[]').prices).to.equal(BUILT_IN_PRICES);
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`openai/m${n}`, price]));
    expect(problemsOf(many)).to.deep.equal([`${FILE}: has 1001 prices`]);
  });
});
