import { expect } from 'chai';
import { limitsFor } from '../../../src/application/budgets/limits.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { buildPolicy, buildWorkspace, START } from '../../../src/testing/index.ts';
import { dollars } from './stage.ts';

describe('Where a limit stands', () => {
  it('is a key of its budget, whatever a workspace is named, and the variable itself for each promise', () => {
    const budget = dollars({ daily: 1, monthly: 2, perPromise: 3 }, { path: 'workspaces.RAIL_USD.budget' });
    const policy = buildPolicy({ workspaces: [buildWorkspace({ name: 'RAIL_USD', budget })] });
    const perPromise = dollars({ perPromise: 4 }, { path: 'KEPT_PROMISE_USD' });
    const limits = limitsFor(policy, { workspace: 'RAIL_USD', promiseId: promiseId(1) }, START, perPromise);
    expect(limits.map(({ path }) => path)).to.deep.equal([
      'workspaces.RAIL_USD.budget.promise_usd',
      'KEPT_PROMISE_USD',
      'workspaces.RAIL_USD.budget.daily_usd',
      'workspaces.RAIL_USD.budget.monthly_usd',
    ]);
  });
});
