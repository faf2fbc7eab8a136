import { type ChatId, chatId } from '../domain/message/ids.ts';
import type { Workspace } from '../domain/workspace/policy.ts';
import type { ConfigProblem } from './config.ts';
import { nearestName } from './nearest-name.ts';
import { error, suggestion } from './problems.ts';
import type { DirectoryAt, WorkspaceFile } from './workspace-schema.ts';

interface ChatPlace {
  readonly id: ChatId;
  readonly workspace: string;
  readonly place: string;
}

/** The workspaces of the file, and where a chat, a name or an alias stands for more than one thing. Places lack the file's name. */
export const readWorkspaces = (
  content: WorkspaceFile,
  directoryAt: DirectoryAt,
): { readonly workspaces: readonly Workspace[]; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const chats: ChatPlace[] = [];
  const names: [key: string, place: string][] = [];
  const workspaces = Object.entries(content.workspaces).map(([name, written]): Workspace => {
    const path = `workspaces.${name}`;
    if (name.trim() !== name || name === '')
      problems.push(error(path, 'this name is empty, or begins or ends with a space', 'write the name without'));
    const own = new Map([[name.toLowerCase(), path]]);
    written.aliases.forEach((alias, i) => {
      if (!own.has(alias.toLowerCase())) own.set(alias.toLowerCase(), `${path}.aliases[${i}]`);
    });
    names.push(...own);
    written.telegram_chat_ids.forEach((raw, i) => {
      const place = `${path}.telegram_chat_ids[${i}]`;
      const id = groupId(raw);
      if (typeof id === 'number') chats.push({ id, workspace: name, place });
      else problems.push(error(place, id.problem, id.hint));
    });
    return {
      name,
      aliases: written.aliases,
      description: written.description,
      type: written.workspace_type,
      directory: directoryAt(`${path}.working_directory`, written.working_directory),
      ...(written.database_id === undefined ? {} : { notionDatabaseId: written.database_id }),
      chatIds: chats.filter(({ workspace }) => workspace === name).map(({ id }) => id),
      isDevGroup: written.is_dev_group,
    };
  });
  for (const { first, further } of repeated(chats.map(({ id, place }) => [id, place])))
    problems.push(error(further, `this chat stands at ${first} too`, 'one chat belongs to one workspace, once: remove one of the two'));
  for (const { first, further } of repeated(names))
    problems.push(error(further, `this name stands at ${first} too`, 'names and aliases must differ between workspaces, case aside'));
  if (content.telegram_groups) problems.push(...disagreements(content.telegram_groups, chats, Object.keys(content.workspaces)));
  return { workspaces, problems };
};

/** `telegram_groups` must say the same as `telegram_chat_ids`, both ways. */
const disagreements = (
  groups: Readonly<Record<string, string>>,
  chats: readonly ChatPlace[],
  names: readonly string[],
): readonly ConfigProblem[] => {
  const problems: ConfigProblem[] = [];
  const listed = new Set<ChatId>();
  for (const [key, name] of Object.entries(groups)) {
    const place = `telegram_groups.${key}`;
    const id = groupId(key);
    if (typeof id !== 'number') {
      problems.push(error(place, id.problem, id.hint));
      continue;
    }
    if (listed.has(id)) problems.push(error(place, `this chat stands at telegram_groups.${id} too`, 'remove one of the two'));
    listed.add(id);
    const owner = chats.find((chat) => chat.id === id);
    if (owner?.workspace === name) continue;
    const isKnown = names.includes(name);
    const other = owner ? `${owner.place} says "${owner.workspace}"` : `workspaces.${name}.telegram_chat_ids does not list this chat`;
    problems.push(
      error(
        place,
        isKnown ? `this says "${name}", but ${other}` : `no workspace is called "${name}"${owner ? `, and ${other}` : ''}`,
        suggestion(isKnown ? undefined : nearestName(name, names), 'make both places say the same'),
      ),
    );
  }
  for (const { id, workspace, place } of chats)
    if (!listed.has(id))
      problems.push(
        error(
          place,
          'this chat is missing in telegram_groups',
          `add "${id}": "${workspace}" to telegram_groups, or leave that section out`,
        ),
      );
  return problems;
};

const groupId = (raw: string | number): ChatId | { readonly problem: string; readonly hint: string } => {
  const written = String(raw).trim();
  if (/^-[1-9]\d{0,14}$/.test(written)) return chatId(written);
  if (/^[1-9]\d{0,14}$/.test(written))
    return {
      problem: `${written} is not a group: the ids of groups are negative`,
      hint: `write "-${written}" for a group, "-100${written}" for a supergroup; people belong in dm_whitelist`,
    };
  return { problem: 'this is not a chat id', hint: 'write the marked id of the group, such as "-1001234567890"' };
};

/** Each further place of a key that stands more than once, with its first. */
const repeated = <K>(entries: readonly (readonly [key: K, place: string])[]): { readonly first: string; readonly further: string }[] => {
  const firsts = new Map<K, string>();
  return entries.flatMap(([key, place]) => {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, place);
    return first === undefined ? [] : [{ first, further: place }];
  });
};
