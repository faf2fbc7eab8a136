import { type KnownModels, modelReferenceProblem } from '../domain/agent/model-reference.ts';
import { describe } from '../domain/shared/brand.ts';
import { lookOf, UNSEEN } from '../domain/shared/look-alike.ts';
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
  [...cheaperModels(policy, models, hasPackage), ...unheard(policy), ...misleadingNames(policy)].map((one) => ({
    ...one,
    place: `${file}: ${one.place}`,
  }));

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

/** Cards, the audit log and the command line tell persons by their names. */
const misleadingNames = ({ people, workspaces }: AccessPolicy): readonly ConfigProblem[] => {
  const places = new Map(
    workspaces.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => [lookOf(each), `workspaces.${name}`] as const)),
  );
  const persons = new Map<string, string>();
  return [...(people?.values() ?? [])].flatMap(({ name, path }) => {
    // A name that is missing or empty is an error already.
    if (name.trim() === '') return [];
    const look = lookOf(name);
    const [first, place] = look === '' ? [] : [persons.get(look), places.get(look)];
    if (look !== '' && first === undefined) persons.set(look, `${path}, ${describe(name)}`);
    const words = wrongName(name, look);
    if (words) return [warning(`${path}.name`, ...words)];
    if (first !== undefined) return [warning(`${path}.name`, `this looks like the name of ${first}`, OWN_NAME)];
    return place === undefined ? [] : [warning(`${path}.name`, `this is the name of ${place}, too`, OWN_NAME)];
  });
};

const OPERATORS_LOOK = new Set(['operator', 'theoperator'].map(lookOf));
const UNSEEN_IN = new RegExp(`[${UNSEEN}\\p{Cc}]`, 'u');
const OWN_NAME = 'call each person by a name that only they have';
const KNOWN_NAME = 'write the name by which people know them';

const wrongName = (name: string, look: string): readonly [problem: string, hint: string] | undefined => {
  if (UNSEEN_IN.test(name)) return ['this holds characters that are not seen', 'write it without them'];
  if (OPERATORS_LOOK.has(look)) return ["this is the operator's name", OWN_NAME];
  if (name.trim().startsWith('@')) return ['this reads as a username', KNOWN_NAME];
  return /^\s*(?:[a-z]\w*:\S+|-?\d+)\s*$/i.test(name) ? ['this reads as an id', KNOWN_NAME] : undefined;
};
