import { type AccessPolicy, commandHint, ok, type Pairing, present, type UserId } from '../../domain/index.ts';
import type { AccessTold, NamedHere, PeopleHere, TellAccess } from '../../ports/index.ts';
import { listChat, listPerson } from './access-list.ts';
import { subjectNamed } from './access-subject.ts';

/** What the command `access` tells, for the page. */
export const tellAccess =
  (policy: AccessPolicy): TellAccess =>
  async (subject) => {
    const found = subjectNamed(policy, subject);
    if (!found.ok) return found;
    const { allowed, rule, path, ...told } =
      found.value.type === 'person' ? ofPerson(listPerson(policy, found.value)) : ofChat(listChat(policy, found.value));
    return ok({ subject, allowed, rule, path, ...told });
  };

const ofPerson = ({ allowed, rule, path, places }: ReturnType<typeof listPerson>): Omit<AccessTold, 'subject'> => ({
  allowed,
  rule,
  path,
  places: places.map(({ place, ...listed }) => ({ ...listed, of: place === 'own' ? 'their own conversation' : place })),
});

const ofChat = ({ people, allowed, rule, path, rights }: ReturnType<typeof listChat>): Omit<AccessTold, 'subject'> => ({
  allowed,
  rule,
  path,
  places: [
    { of: 'whoever writes here', allowed, rule, path, rights },
    ...people.map(({ id, name, ...listed }) => ({ ...listed, of: name === undefined ? id : `${name} (${id})` })),
  ],
});

/** Everybody whom the configuration names, then those whom an owner has let in. */
export const listPeople = ({ people, whitelist, workspaces }: AccessPolicy, paired: readonly Pairing[]): PeopleHere => {
  const found = new Map<string, NamedHere>();
  const add = (id: UserId, path: string, more: Pick<NamedHere, 'name' | 'username'> = {}): void => {
    const name = more.name ?? people?.get(id)?.name;
    if (!found.has(id)) found.set(id, { subject: id, id, path, ...present({ name, username: more.username }) });
  };
  for (const [id, { name, path }] of people ?? []) add(id, path, { name });
  for (const [id, { path, description }] of whitelist.userIds) add(id, path, present({ name: description || undefined }));
  for (const [key, { path }] of whitelist.usernames) {
    const username = key.slice(key.indexOf(':') + 1);
    found.set(`@${username}`, { subject: `@${username}`, username, path });
  }
  for (const { roles } of workspaces) for (const [id, { path }] of roles ?? []) add(id, path);
  for (const { userId, displayName, username } of paired) add(userId, PAIRING, present({ name: displayName, username }));
  return {
    people: [...found.values()],
    workspaces: workspaces.map(({ name, chatIds, directory }) => ({ name, chatIds, directory })),
  };
};

/** Where it stands that an owner let somebody in. */
const PAIRING = `pairing (${commandHint('pairing list')})`;
