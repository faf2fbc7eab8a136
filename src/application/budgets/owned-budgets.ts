import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import { type BudgetLimit, limitsFor } from './limits.ts';

type Policy = Pick<AccessPolicy, 'people' | 'workspaces' | 'budget'>;

/** Somebody who has a budget for a day or a month of their own. */
export interface OwnedBudget {
  readonly kind: 'installation' | 'workspace' | 'person';
  readonly name: string;
  /** Its limits at that time. */
  readonly limits: (at: number) => readonly BudgetLimit[];
}

/** Everybody whose budget has a limit for a day or a month. */
export const ownedBudgets = ({ budget, workspaces, people }: Policy): readonly OwnedBudget[] => {
  const none: Policy = { workspaces: [] };
  const all: readonly OwnedBudget[] = [
    ...(budget
      ? [{ kind: 'installation', name: 'installation', limits: (at: number) => limitsFor({ ...none, budget }, {}, at) } as const]
      : []),
    ...workspaces.map((workspace): OwnedBudget => {
      const { name } = workspace;
      return { kind: 'workspace', name, limits: (at) => limitsFor({ workspaces: [workspace] }, { workspace: name }, at) };
    }),
    ...Array.from(people ?? [], ([person, known]): OwnedBudget => {
      const alone = { ...none, people: new Map([[person, known]]) };
      return { kind: 'person', name: known.name, limits: (at) => limitsFor(alone, { person }, at) };
    }),
  ];
  return all.filter(({ limits }) => limits(0).length > 0);
};
