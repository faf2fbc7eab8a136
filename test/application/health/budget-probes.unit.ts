import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeBudgetProbes, makeRunProbes } from '../../../src/application/index.ts';
import { type AlertSettings, type Budget, builtInAlertRules, moneyOf } from '../../../src/domain/index.ts';
import { makeFixedClock, START, telegramChat } from '../../../src/testing/index.ts';

/** A budget of 10 dollars a day, of which so many are spent. */
const look = async (spent: number, warnAt: number, rule: Partial<AlertSettings> = {}): Promise<string | undefined> => {
  const { stores } = makeMemoryStorage();
  const clock = makeFixedClock();
  const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const about = { on: 'model', name: 'openai/small', chatId: telegramChat(501), agent: 'valor_agent', usage } as const;
  await stores.ledger.add([{ id: 'one', at: START, cost: moneyOf(spent * 1_000_000), ...about }]);
  const budget: Budget = { daily: moneyOf(10_000_000), warnAt, path: 'budget' };
  const rules = builtInAlertRules();
  const probes = makeBudgetProbes({
    policy: { workspaces: [], budget },
    ledger: async () => stores.ledger,
    clock,
    alertRules: { ...rules, 'budget.used': { ...rules['budget.used'], ...rule } },
  });
  const [reading] = await makeRunProbes({ clock })(probes);
  return reading?.check.status;
};

describe('The probe of a budget', () => {
  it('warns by the share that the budget itself names, and as soon as an alert begins', async () => {
    expect(await look(7.9, 0.8)).to.equal('ok');
    expect(await look(8, 0.8)).to.equal('warn');
    expect(await look(9, 1)).to.equal('ok');
    expect(await look(9.1, 1)).to.equal('warn');
    expect(await look(9.1, 1, { threshold: 0.95 })).to.equal('ok');
    expect(await look(9.9, 1, { severity: 'off' })).to.equal('ok');
    expect(await look(10, 1, { severity: 'off' })).to.equal('warn');
  });
});
