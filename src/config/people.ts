import { LOCAL, type UserId } from '../domain/chat/ids.ts';
import { ROLES, type Role } from '../domain/rights/rights.ts';
import { describe } from '../domain/shared/brand.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { present } from '../domain/shared/present.ts';
import type { GivenRole, KnownPerson } from '../domain/workspace/policy.ts';
import { readBudget } from './budgets.ts';
import { userNamed } from './named-ids.ts';
import type { ConfigProblem } from './problems.ts';
import { error, suggestion } from './problems.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import type { WorkspaceFile } from './workspace-schema.ts';

type Note = (problem: ConfigProblem) => void;

/** Reads `people`. Problems name their place inside the file, without the name of the file. */
export const readPeople = (
  written: WorkspaceFile['people'],
): { readonly people?: ReadonlyMap<UserId, KnownPerson>; readonly problems: readonly ConfigProblem[] } => {
  if (written === undefined) return { problems: [] };
  const problems: ConfigProblem[] = [];
  const note: Note = (problem) => problems.push(problem);
  const people = byPerson(written, 'people', note, (path, person = {}): KnownPerson => {
    const role = person.role === undefined ? undefined : roleNamed(`${path}.role`, person.role, note);
    const budget = readBudget(`${path}.budget`, person.budget, note);
    return { name: person.name ?? '', ...present({ role, budget }), path };
  });
  return { people, problems };
};

/** Reads the roles of a workspace; `path` is where they stand. */
export const readRoles = (
  written: Readonly<Record<string, string | undefined>> | undefined,
  path: string,
  note: Note,
): ReadonlyMap<UserId, GivenRole> | undefined =>
  written === undefined
    ? undefined
    : byPerson(written, path, note, (place, role) => ({ role: role === undefined ? LEAST : roleNamed(place, role, note), path: place }));

/** What a role that can't be read stands for. */
const LEAST: Role = 'guest';

const roleNamed = (place: string, written: string, note: Note): Role => {
  const known = ROLES.find((role) => role === written);
  if (known === undefined)
    note(error(place, `there is no role ${describe(written)}`, suggestion(nearestName(written, ROLES), `there are: ${ROLES.join(', ')}`)));
  return known ?? LEAST;
};

/** What stands at each person's id, read by `read`; a person who stands twice keeps the first. */
const byPerson = <Written, Read>(
  written: Readonly<Record<string, Written>>,
  path: string,
  note: Note,
  read: (place: string, value: Written) => Read,
): ReadonlyMap<UserId, Read> => {
  const found = new Map<UserId, Read>();
  const places = new Map<UserId, string>();
  for (const [key, value] of Object.entries(written)) {
    const place = `${path}.${key}`;
    const id = personNamed(key);
    if (isRefusal(id)) {
      note(error(place, id.problem, id.hint));
      continue;
    }
    const first = places.get(id);
    const each = read(place, value);
    if (first === undefined) {
      places.set(id, place);
      found.set(id, each);
    } else note(error(place, `this person stands at ${first} too`, 'remove one of the two'));
  }
  return found;
};

/** A person by id. A username may change hands: no right goes by it. */
const personNamed = (raw: string): UserId | Refusal => {
  if (raw.startsWith(`${LOCAL}:`))
    return refuse('this is no person of a gateway', 'remove it: the operator at this machine may do everything');
  const id = userNamed(raw);
  return isRefusal(id) ? refuse(id.problem.replace('a Telegram user id', 'the id of a person'), HINT) : id;
};
const HINT = 'write the number of the person, such as "501" or "telegram:501": /whoami tells it; a username can change hands';
