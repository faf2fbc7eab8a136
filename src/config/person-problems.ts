import { type KnownModels, modelReferenceProblem } from '../domain/agent/model-reference.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ConfigProblem } from './problems.ts';
import { error, warning } from './problems.ts';

/**
 * What the workspace file says of persons and budgets that does not fit the rest of the configuration. `file` is its
 * name.
 */
export const personProblems = (
  file: string,
  policy: AccessPolicy,
  models: KnownModels,
  hasPackage?: (name: string) => boolean,
): readonly ConfigProblem[] =>
  [...cheaperModels(policy, models, hasPackage), ...unheard(policy)].map((one) => ({ ...one, place: `${file}: ${one.place}` }));

const cheaperModels = (
  { budget, people, workspaces }: AccessPolicy,
  models: KnownModels,
  hasPackage: ((name: string) => boolean) | undefined,
): readonly ConfigProblem[] =>
  [budget, ...workspaces.map((workspace) => workspace.budget), ...[...(people?.values() ?? [])].map((person) => person.budget)].flatMap(
    (each) => {
      const wrong = each?.cheaperModel === undefined ? undefined : modelReferenceProblem(each.cheaperModel, models, hasPackage);
      return each && wrong ? [error(`${each.path}.cheaper_model`, wrong.problem, wrong.hint)] : [];
    },
  );

/** Owners who can write nowhere. Who is let in by a username is not known by id: then nothing is said. */
const unheard = ({ people, workspaces, whitelist }: AccessPolicy): readonly ConfigProblem[] => {
  const inDirect = (id: Parameters<typeof whitelist.userIds.has>[0]): boolean => whitelist.userIds.has(id) || whitelist.usernames.size > 0;
  const named = workspaces.some(({ chatIds }) => chatIds.length > 0)
    ? []
    : [...(people ?? [])]
        .filter(([id, { role }]) => role === 'owner' && !inDirect(id))
        .map(([, { path }]) =>
          warning(path, 'this owner can write nowhere', 'add a group to a workspace, or the person to dm_whitelist.allowed_user_ids'),
        );
  const placed = workspaces.flatMap(({ name, chatIds, roles }) =>
    chatIds.length === 0 && [...(roles?.values() ?? [])].some(({ role }) => role === 'owner')
      ? [warning(`workspaces.${name}.roles`, 'this workspace has no group in which the owner could speak', 'add one to telegram_chat_ids')]
      : [],
  );
  return [...named, ...placed];
};
