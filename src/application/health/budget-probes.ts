import { inDollars } from '../../domain/budget/money.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding, HealthProbe } from '../../ports/health-probe.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import { type BudgetLimit, limitsFor } from '../budgets/limits.ts';
import { within } from '../loops/timers.ts';

type Policy = Pick<AccessPolicy, 'people' | 'workspaces' | 'budget'>;

interface Owned {
  readonly id: string;
  readonly limits: (at: number) => readonly BudgetLimit[];
}

const LIMIT_MS = 5_000;
/** How long it waits for the store to be opened: what stalls there is told by its own probe. */
const OPENED_MS = 4_500;

/** A probe of each budget for a day or a month: how much of it is used or reserved. None where nothing is limited. */
export const makeBudgetProbes = (deps: {
  readonly policy: Policy;
  readonly ledger: () => Promise<Pick<Ledger, 'uses'>>;
  readonly clock: Clock;
}): readonly HealthProbe[] =>
  ownersIn(deps.policy).map(({ id, limits }) => ({
    id,
    depth: 'local',
    limitMs: LIMIT_MS,
    late: { status: 'warn', fixHint: 'see storage.database' },
    probe: async () => {
      const at = deps.clock.now();
      const opening = deps.ledger().catch(() => undefined);
      const ledger = await within(deps.clock, OPENED_MS, opening, () => undefined);
      if (!ledger) return { status: 'skipped', message: "not looked at: the database can't be opened; see storage.database" };
      const asked = limits(at);
      const uses = await ledger.uses(asked, at);
      return budgetFinding(asked.map((limit, i) => ({ limit, used: (uses[i]?.spent ?? 0) + (uses[i]?.reserved ?? 0) })));
    },
  }));

/** Everybody whose budget has a limit for a day or a month. Where names clash, the later one says what it is. */
const ownersIn = (policy: Policy): readonly Owned[] => {
  const none: Policy = { workspaces: [] };
  const known = new Set<string>();
  const idOf = (kind: string, name: string): string => {
    const id = known.has(`budget.${name}`) ? `budget.${kind}.${name}` : `budget.${name}`;
    known.add(id);
    return id;
  };
  const all: readonly (readonly [string, string, (at: number) => readonly BudgetLimit[]])[] = [
    ...(policy.budget
      ? [['installation', 'installation', (at: number) => limitsFor({ ...none, ...budgetIn(policy) }, {}, at)] as const]
      : []),
    ...policy.workspaces.map(
      (workspace) =>
        ['workspace', workspace.name, (at: number) => limitsFor({ workspaces: [workspace] }, { workspace: workspace.name }, at)] as const,
    ),
    ...[...(policy.people ?? [])].map(
      ([person, known]) =>
        ['person', known.name, (at: number) => limitsFor({ ...none, people: new Map([[person, known]]) }, { person }, at)] as const,
    ),
  ];
  return all.filter(([, , limits]) => limits(0).length > 0).map(([kind, name, limits]) => ({ id: idOf(kind, name), limits }));
};

const budgetIn = ({ budget }: Policy): Pick<Policy, 'budget'> => (budget ? { budget } : {});

const budgetFinding = (uses: readonly { readonly limit: BudgetLimit; readonly used: number }[]): Finding => {
  const message = uses
    .map(({ limit, used }) => `${inDollars(used as BudgetLimit['amount'])} of ${inDollars(limit.amount)} a ${limit.span}`)
    .join(', ');
  const short = uses.filter(({ limit, used }) => used >= limit.amount * limit.budget.warnAt);
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
