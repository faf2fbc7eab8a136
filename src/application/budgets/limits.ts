import type { LedgerEntry, SpendingLimit } from '../../domain/budget/ledger.ts';
import type { Budget, MicroUsd } from '../../domain/budget/money.ts';
import type { ChatKind } from '../../domain/chat/chat.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';

/** Who spends: where, for whom, and by which agent. */
export interface Spender extends Pick<LedgerEntry, 'chatId' | 'workspace' | 'person' | 'agent' | 'promiseId'> {
  readonly chatKind: ChatKind;
}

/** A limit of a budget, for a day, a month or a promise. */
export interface BudgetLimit extends SpendingLimit {
  readonly budget: Budget;
  readonly span: 'day' | 'month' | 'promise';
  /** Where the limit stands in the configuration: a key of its budget, or a variable that is this limit alone. */
  readonly path: string;
}

const KEYS = { day: 'daily_usd', month: 'monthly_usd', promise: 'promise_usd' } as const;

const DAY_MS = 86_400_000;

/** Days and months are those of UTC. */
const dayOf = (at: number) => ({ since: at - (at % DAY_MS), until: at - (at % DAY_MS) + DAY_MS });
const monthOf = (at: number) => {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { since: Date.UTC(year, month, 1), until: Date.UTC(year, month + 1, 1) };
};
const ALWAYS = { since: 0, until: Number.MAX_SAFE_INTEGER };

/** Every limit that holds for what is spent at that time, the narrowest first. */
export const limitsFor = (
  { people, workspaces, budget: ofAll }: Pick<AccessPolicy, 'people' | 'workspaces' | 'budget'>,
  { workspace, person, promiseId }: Pick<Spender, 'workspace' | 'person' | 'promiseId'>,
  at: number,
  perPromise?: Budget,
): readonly BudgetLimit[] => {
  const place = workspace === undefined ? undefined : workspaces.find(({ name }) => name === workspace);
  const mine = person === undefined ? undefined : people?.get(person)?.budget;
  const owned: readonly (readonly [SpendingLimit['owner'], Budget | undefined])[] = [
    ...(person === undefined ? [] : [[{ of: 'person', person }, mine] as const]),
    ...(workspace === undefined ? [] : [[{ of: 'workspace', workspace }, place?.budget] as const]),
    [{ of: 'installation' }, ofAll],
  ];
  const budgets = owned.flatMap(([, budget]) => budget ?? []);
  const ofPromise =
    promiseId === undefined
      ? []
      : [...budgets, ...(perPromise ? [perPromise] : [])].flatMap((budget) =>
          limit(budget, budget.perPromise, {
            owner: { of: 'promise', promiseId },
            span: 'promise',
            ...ALWAYS,
            // The limit of each promise stands alone, and in no budget.
            ...(budget === perPromise ? { path: budget.path } : {}),
          }),
        );
  return [
    ...ofPromise,
    ...owned.flatMap(([owner, budget]) =>
      budget
        ? [
            ...limit(budget, budget.daily, { owner, span: 'day', ...dayOf(at) }),
            ...limit(budget, budget.monthly, { owner, span: 'month', ...monthOf(at) }),
          ]
        : [],
    ),
  ];
};

const limit = (
  budget: Budget,
  amount: MicroUsd | undefined,
  within: Pick<BudgetLimit, 'owner' | 'span' | 'since' | 'until'> & { readonly path?: string },
): readonly BudgetLimit[] => (amount === undefined ? [] : [{ path: `${budget.path}.${KEYS[within.span]}`, ...within, amount, budget }]);
