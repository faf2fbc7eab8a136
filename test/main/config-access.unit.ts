import { expect } from 'chai';
import { BUILT_IN_PRICES } from '../../src/domain/budget/prices.ts';
import { moneyOf } from '../../src/domain/index.ts';
import { configuredAccess, configuredAccessLines } from '../../src/main/commands/config-access.ts';
import { pricesAhead } from '../../src/main/config-problems.ts';
import { buildPolicy, telegramUser } from '../../src/testing/index.ts';

const anna = telegramUser(501);
const ben = telegramUser(502);
const [workspace] = buildPolicy().workspaces;
if (!workspace) throw new Error('the policy has no workspace');
const policy = {
  ...buildPolicy(),
  people: new Map([
    [anna, { name: 'Anna', role: 'owner', budget: { daily: moneyOf(2_000_000), warnAt: 0.8, path: 'b' }, path: 'a' }],
    [ben, { name: '', path: 'p' }],
  ] as const),
  budget: { monthly: moneyOf(50_000_000), perPromise: moneyOf(500_000), warnAt: 0.7, cheaperModel: 'anthropic/small', path: 'b' },
  workspaces: [
    { ...workspace, name: 'Team', roles: new Map([[anna, { role: 'guest', path: 'r' }] as const]), approve: ['mcp__*', 'make_promise'] },
  ],
};

describe('What `config check` tells of persons and money', () => {
  it('is each person, role, pattern and budget, in words', () => {
    expect(configuredAccessLines(policy)).to.deep.equal([
      '  people      Anna (telegram:501): owner',
      '              telegram:502: no role',
      '  roles       Anna (telegram:501): guest in Team',
      '  approve     mcp__*, make_promise in Team',
      '  budgets     the installation: $50.00 a month, $0.50 a promise, warns at 70 %, then anthropic/small',
      '              Anna (telegram:501): $2.00 a day, warns at 80 %',
    ]);
  });

  it('is the same as JSON, by the keys of the configuration', () => {
    expect(configuredAccess(policy)).to.deep.equal({
      people: {
        'telegram:501': { name: 'Anna', role: 'owner', budget: { daily_usd: 2, warn_at: 0.8 } },
        'telegram:502': { name: '' },
      },
      workspaces: { Team: { roles: { 'telegram:501': 'guest' }, approve: ['mcp__*', 'make_promise'] } },
      budget: { monthly_usd: 50, promise_usd: 0.5, warn_at: 0.7, cheaper_model: 'anthropic/small' },
    });
  });

  it('is none, where the configuration has none', () => {
    expect(configuredAccessLines({ ...buildPolicy(), workspaces: [workspace] }).map((line) => line.trim().split(/\s+/))).to.deep.equal([
      ['people', 'none'],
      ['roles', 'none'],
      ['approve', 'none'],
      ['budgets', 'none'],
    ]);
  });
});

describe('The check of prices', () => {
  it('warns of a day that is still to come', () => {
    const prices = new Map([...BUILT_IN_PRICES, ['openai/a', { asOf: '2026-11-24' }], ['openai/b', { asOf: '2026-11-22' }]] as const);
    const told = pricesAhead({ prices, workspaceConfigPath: '/cwd/config/workspace_config.json' }, Date.parse('2026-11-22T12:00:00Z'));
    expect(told).to.deep.equal([
      {
        place: '/cwd/config/prices.json: openai/a.asOf',
        problem: '2026-11-24 is still to come',
        hint: 'write the day on which the price was right',
        severity: 'warning',
      },
    ]);
    expect(pricesAhead({ prices: BUILT_IN_PRICES, workspaceConfigPath: '/cwd/w.json' }, 0)).to.deep.equal([]);
  });
});
