import { expect } from 'chai';
import { inDollars, inDollarsExactly, moneyOf } from '../../../src/domain/budget/money.ts';
import { BUILT_IN_PRICES, costOf, mostCostOf, type Price, priceOf, repliedName } from '../../../src/domain/budget/prices.ts';
import { NO_USAGE, type Usage } from '../../../src/domain/index.ts';

const used = (given: Partial<Usage>): Usage => ({ ...NO_USAGE, ...given });
const builtIn = (name: string): Price => {
  const price = priceOf(BUILT_IN_PRICES, name);
  if (!price) throw new Error(`no price of ${name}`);
  return price;
};

describe('The price of a model', () => {
  it('counts each kind of token at its own rate, to the millionth of a dollar', () => {
    const usage = used({ inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 10_000, cacheWriteTokens: 4_000 });
    // 1,000 × 4 + 200 × 20 + 10,000 × 0.2 + 4,000 × 5
    expect(costOf(usage, builtIn('anthropic/claude-opus-5-5'))).to.equal(30_000);
    // 1,000 × 8 + 200 × 40 + 10,000 × 0.8 + 4,000 × 10
    expect(costOf(usage, builtIn('anthropic/claude-fable-5-2'))).to.equal(64_000);
  });

  it('of Haiku is five times as much for all of a request whose input is longer than 100,000 tokens', () => {
    const haiku = builtIn('anthropic/claude-haiku-5-5');
    expect(costOf(used({ inputTokens: 100_000, outputTokens: 1_000 }), haiku)).to.equal(10_500);
    expect(costOf(used({ inputTokens: 100_001, outputTokens: 1_000 }), haiku)).to.equal(52_501);
    expect(costOf(used({ inputTokens: 60_000, cacheReadTokens: 40_001 }), haiku)).to.equal(32_001);
    expect(mostCostOf({ inputTokens: 100_001, outputTokens: 0 }, haiku)).to.equal(62_501);
  });

  it('is rounded up, and exact where numbers with a comma are not', () => {
    const haiku = builtIn('anthropic/claude-haiku-5-5');
    expect(costOf(used({ inputTokens: 1 }), haiku)).to.equal(1);
    expect(costOf(used({ inputTokens: 30 }), haiku)).to.equal(3);
    expect(costOf(used({ inputTokens: 1_000_000_000, outputTokens: 1_000_000_000 }), builtIn('anthropic/claude-fable-5-2'))).to.equal(
      48_000_000_000,
    );
  });

  it('of a request is the most that it can cost, whatever the cache does', () => {
    for (const name of BUILT_IN_PRICES.keys()) {
      const price = builtIn(name);
      for (const input of [0, 1, 99_999, 100_001])
        for (const [read, write] of [[0, 0] as const, [1, 0] as const, [0, 1] as const, [0.5, 0.5] as const]) {
          const cacheReadTokens = Math.floor(input * read);
          const cacheWriteTokens = Math.floor(input * write);
          const usage = used({
            inputTokens: input - cacheReadTokens - cacheWriteTokens,
            outputTokens: 7,
            cacheReadTokens,
            cacheWriteTokens,
          });
          const most = mostCostOf({ inputTokens: input, outputTokens: 7 }, price) ?? 0;
          expect(most).to.be.at.least(costOf(usage, price) ?? 0);
        }
    }
  });

  it('of a tool is that of its call; tokens of a tool have none', () => {
    const search = builtIn('perplexity/search');
    expect(costOf(NO_USAGE, search)).to.equal(5_000);
    expect(costOf(used({ inputTokens: 1 }), search)).to.equal(undefined);
  });

  it('is found by any name of that very model, and of no other', () => {
    const sonnet = builtIn('anthropic/claude-sonnet-5-5');
    for (const name of [
      'anthropic/claude-sonnet-5-5-20260101',
      'anthropic/claude-sonnet-5-5-2026-01-01',
      'Anthropic/Claude-Sonnet-5-5',
      'ai-sdk:anthropic/claude-sonnet-5-5',
    ])
      expect(priceOf(BUILT_IN_PRICES, name), name).to.equal(sonnet);
    for (const name of [
      'claude-sonnet-5-5',
      'openai/claude-sonnet-5-5',
      'anthropic/claude-sonnet-5',
      'anthropic/claude-sonnet-5-5-fast',
      'anthropic/claude-sonnet-5-5-20260101-20260101',
      'ai-sdk:amazon-bedrock/claude-sonnet-5-5',
      'anthropic/claude-sonnet-4-5-20250929',
      'openai/gpt-5.5',
      '',
    ])
      expect(priceOf(BUILT_IN_PRICES, name), name).to.equal(undefined);
    expect(costOf(used({ inputTokens: 5, outputTokens: 5 }), builtIn('rehearsal/offline'))).to.equal(0);
  });

  it('goes by the provider that was asked and the model that replied', () => {
    expect(repliedName('anthropic/claude-sonnet-5-5', 'claude-sonnet-5-5-20260101')).to.equal('anthropic/claude-sonnet-5-5-20260101');
    expect(repliedName('anthropic/latest', 'claude-opus-5-5')).to.equal('anthropic/claude-opus-5-5');
    expect(repliedName('openai/acme/large', 'acme/large')).to.equal('openai/acme/large');
    expect(repliedName('openai/gpt-9', 'anthropic/claude-haiku-5-5')).to.equal('openai/anthropic/claude-haiku-5-5');
    expect(repliedName('ai-sdk:@acme/models/large', 'large')).to.equal('ai-sdk:@acme/models/large');
    expect(repliedName('ai-sdk:@acme/models/large', 'larger')).to.equal('ai-sdk:@acme/models/larger');
    expect(repliedName('rehearsal/offline', '')).to.equal('rehearsal/offline');
    expect(repliedName('rehearsal/offline', 'rehearsal/offline')).to.equal('rehearsal/offline');
  });
});

describe('An amount', () => {
  it('is told exactly below a dollar, and from there on in cents; never as less than it is', () => {
    const told = [0, 1, 42, 4_200, 10_000, 10_001, 12_345, 120_000, 999_999, 1_000_000, 5_000_000, 1_234_567_890];
    expect(told.map((amount) => inDollars(moneyOf(amount)))).to.deep.equal([
      '$0.00',
      '$0.000001',
      '$0.000042',
      '$0.0042',
      '$0.01',
      '$0.010001',
      '$0.012345',
      '$0.12',
      '$0.999999',
      '$1.00',
      '$5.00',
      '$1,234.57',
    ]);
  });

  it('that is a limit is told exactly, however great', () => {
    const told = [0, 30_000, 1_000_001, 1_005_000, 1_234_567_890_000].map((amount) => inDollarsExactly(moneyOf(amount)));
    expect(told).to.deep.equal(['$0.00', '$0.03', '$1.000001', '$1.005', '$1,234,567.89']);
  });

  it('is a whole number that a table can hold', () => {
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e16]) expect(() => moneyOf(bad)).to.throw(/not an amount of money/);
  });
});
