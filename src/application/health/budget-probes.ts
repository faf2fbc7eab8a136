import { type AlertRules, type AlertSettings, builtInAlertRules, isBadBy } from '../../domain/alert/rules.ts';
import { inDollars } from '../../domain/budget/money.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding, HealthProbe } from '../../ports/health-probe.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import type { BudgetLimit } from '../budgets/limits.ts';
import { type OwnedBudget, ownedBudgets } from '../budgets/owned-budgets.ts';
import { STORE_LIMIT_MS, whereOpened } from './where-opened.ts';

/** A probe of each budget for a day or a month: how much of it is used or reserved. None where nothing is limited. */
export const makeBudgetProbes = (deps: {
  readonly policy: Pick<AccessPolicy, 'people' | 'workspaces' | 'budget'>;
  readonly ledger: () => Promise<Pick<Ledger, 'uses'>>;
  readonly clock: Clock;
  /** Thresholds that are the same for alerts. Default: as they are built in. */
  readonly alertRules?: AlertRules;
}): readonly HealthProbe[] =>
  withIds(ownedBudgets(deps.policy)).map(({ id, limits }) => ({
    id,
    depth: 'local',
    limitMs: STORE_LIMIT_MS,
    late: { status: 'warn', fixHint: 'see storage.database' },
    probe: () =>
      whereOpened(deps.clock, deps.ledger, async (ledger) => {
        const at = deps.clock.now();
        const asked = limits(at);
        const uses = await ledger.uses(asked, at);
        return budgetFinding(
          asked.map((limit, i) => ({ limit, used: (uses[i]?.spent ?? 0) + (uses[i]?.reserved ?? 0) })),
          (deps.alertRules ?? builtInAlertRules())['budget.used'],
        );
      }),
  }));

/** The id of each. Where names clash, the later one says what it is. */
const withIds = (budgets: readonly OwnedBudget[]): readonly (OwnedBudget & { readonly id: string })[] => {
  const taken = new Set<string>();
  return budgets.map((budget) => {
    const { kind, name } = budget;
    const id = taken.has(`budget.${name}`) ? `budget.${kind}.${name}` : `budget.${name}`;
    taken.add(id);
    return { ...budget, id };
  });
};

/** A budget warns by its own `warn_at`, and as soon as an alert of it begins. */
const budgetFinding = (uses: readonly { readonly limit: BudgetLimit; readonly used: number }[], rule: AlertSettings): Finding => {
  const message = uses
    .map(({ limit, used }) => `${inDollars(used as BudgetLimit['amount'])} of ${inDollars(limit.amount)} a ${limit.span}`)
    .join(', ');
  const short = uses.filter(
    ({ limit, used }) => used >= limit.amount * limit.budget.warnAt || isBadBy('budget.used', rule, used / limit.amount),
  );
  const [first] = short;
  if (!first) return { status: 'ok', message };
  const isUsedUp = short.some(({ limit, used }) => used >= limit.amount);
  return {
    status: 'warn',
    message: `${message}: ${isUsedUp ? 'used up' : 'nearly used up'}`,
    where: short.map(({ limit }) => limit.path).join(', '),
    fixHint: `raise ${first.limit.path}, or wait for the next ${first.limit.span} (by UTC)`,
  };
};
