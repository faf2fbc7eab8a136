import { type Budget, inDollarsExactly, toUsd } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';

/** A budget by the keys that it has in the configuration. */
interface ListedBudget {
  readonly daily_usd?: number;
  readonly monthly_usd?: number;
  readonly promise_usd?: number;
  readonly warn_at: number;
  readonly cheaper_model?: string;
}

/** What the configuration says of persons, of what asks first, and of money; by its own keys. */
export const configuredAccess = ({ people, workspaces, budget }: AccessPolicy) => ({
  people: Object.fromEntries(
    [...(people ?? [])].map(([id, person]) => [
      id,
      { name: person.name, ...present({ role: person.role, budget: person.budget && listed(person.budget) }) },
    ]),
  ),
  workspaces: Object.fromEntries(
    workspaces.map(({ name, roles, approve, budget: own }) => [
      name,
      {
        roles: Object.fromEntries([...(roles ?? [])].map(([id, { role }]) => [id, role])),
        approve: approve ?? [],
        ...present({ budget: own && listed(own) }),
      },
    ]),
  ),
  ...present({ budget: budget && listed(budget) }),
});

const listed = ({ daily, monthly, perPromise, warnAt, cheaperModel }: Budget): ListedBudget => ({
  ...present({
    daily_usd: daily === undefined ? undefined : toUsd(daily),
    monthly_usd: monthly === undefined ? undefined : toUsd(monthly),
    promise_usd: perPromise === undefined ? undefined : toUsd(perPromise),
  }),
  warn_at: warnAt,
  ...present({ cheaper_model: cheaperModel }),
});

/** The same as lines, each with its kind in front where the kind begins. */
export const configuredAccessLines = ({ people, workspaces, budget }: AccessPolicy): readonly string[] => {
  const nameOf = (id: string): string => {
    const name = [...(people ?? [])].find(([known]) => known === id)?.[1].name;
    return name === undefined || name === '' ? id : `${name} (${id})`;
  };
  const budgets: readonly (readonly [string, Budget | undefined])[] = [
    ['the installation', budget],
    ...workspaces.map(({ name, budget: own }) => [name, own] as const),
    ...[...(people ?? [])].map(([id, person]) => [nameOf(id), person.budget] as const),
  ];
  return [
    ...block(
      'people',
      [...(people ?? [])].map(([id, { role }]) => `${nameOf(id)}: ${role ?? 'no role'}`),
    ),
    ...block(
      'roles',
      workspaces.flatMap(({ name, roles }) => [...(roles ?? [])].map(([id, { role }]) => `${nameOf(id)}: ${role} in ${name}`)),
    ),
    ...block(
      'approve',
      workspaces.flatMap(({ name, approve = [] }) => (approve.length === 0 ? [] : [`${approve.join(', ')} in ${name}`])),
    ),
    ...block(
      'budgets',
      budgets.flatMap(([whose, own]) => (own ? [`${whose}: ${inWords(own)}`] : [])),
    ),
  ];
};

const inWords = ({ daily, monthly, perPromise, warnAt, cheaperModel }: Budget): string =>
  [
    ...(daily === undefined ? [] : [`${inDollarsExactly(daily)} a day`]),
    ...(monthly === undefined ? [] : [`${inDollarsExactly(monthly)} a month`]),
    ...(perPromise === undefined ? [] : [`${inDollarsExactly(perPromise)} a promise`]),
    `warns at ${Math.round(warnAt * 100)} %`,
    ...(cheaperModel === undefined ? [] : [`then ${cheaperModel}`]),
  ].join(', ');

const WIDTH = 12;

const block = (kind: string, lines: readonly string[]): readonly string[] =>
  (lines.length === 0 ? ['none'] : lines).map((line, at) => `  ${(at === 0 ? kind : '').padEnd(WIDTH)}${line}`);
