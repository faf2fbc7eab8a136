import { expect } from 'chai';
import { budgetStoppedFact, spentFacts } from '../../../src/domain/audit/facts.ts';
import type { MicroUsd, PromiseId } from '../../../src/domain/index.ts';
import { buildTurn, START, telegramChat } from '../../../src/testing/index.ts';

const turn = buildTurn();
const cost = (amount: number): { readonly cost: MicroUsd } => ({ cost: amount as MicroUsd });

describe('What was spent, in the audit log', () => {
  it('is one fact for a turn or an attempt, whatever the number of calls, to the millionth', () => {
    expect(spentFacts(turn, [cost(1), cost(2_000_000)])).to.deep.equal([
      {
        at: turn.endedAt,
        kind: 'spent',
        actor: `agent:${turn.agent}`,
        facts: { chatId: turn.chatId, turnId: turn.id, microUsd: 2_000_001, calls: 2 },
        once: `spent:${turn.id}`,
      },
    ]);
    const [attempt] = spentFacts({ ...turn, outcome: 'attempt' }, [{ ...cost(7), promiseId: 3 as PromiseId }, {}]);
    expect(attempt?.facts).to.deep.equal({ chatId: turn.chatId, promiseId: 3, microUsd: 7, calls: 2, unpriced: 1 });
  });

  it('is no fact where nothing has a price, or everything is free', () => {
    expect([...spentFacts(turn, []), ...spentFacts(turn, [{}]), ...spentFacts(turn, [cost(0)])]).to.deep.equal([]);
  });

  it('tells where the budget stands that stopped something', () => {
    const event = {
      type: 'budget-stopped',
      chatId: telegramChat(501),
      path: 'workspaces.Acme.budget',
      reason: 'used up',
      name: 'anthropic/x',
    } as const;
    expect(budgetStoppedFact(event, START).facts).to.deep.equal({
      chatId: 'telegram:501',
      path: 'workspaces.Acme.budget',
      reason: 'used up',
      name: 'anthropic/x',
    });
  });
});
