import type { ChatId } from '../domain/chat/ids.ts';
import { describe } from '../domain/shared/brand.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { present } from '../domain/shared/present.ts';
import type { Workspace } from '../domain/workspace/policy.ts';
import { readBudget } from './budgets.ts';
import { asWritten, groupNamed } from './named-ids.ts';
import { readRoles } from './people.ts';
import type { ConfigProblem } from './problems.ts';
import { error, suggestion, warning } from './problems.ts';
import { isRefusal } from './refusal.ts';
import type { DirectoryAt, WorkspaceFile } from './workspace-schema.ts';

interface ChatPlace {
  readonly id: ChatId;
  readonly workspace: string;
  readonly place: string;
}

/**
 * Reads the workspaces of the file; a part that can't be read is empty. Reports each chat, name or alias that two
 * workspaces claim, but no problem that only follows from an unreadable part. Problems name their place inside the
 * file, without the name of the file.
 */
export const readWorkspaces = (
  content: WorkspaceFile,
  directoryAt: DirectoryAt,
): { readonly workspaces: readonly Workspace[]; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const note = (problem: ConfigProblem): void => {
    problems.push(problem);
  };
  const chats: ChatPlace[] = [];
  const names: [key: string, place: string][] = [];
  const written = Object.entries(content.workspaces ?? {});
  const workspaces = written.map(([name, entry = {}]): Workspace => {
    const path = `workspaces.${name}`;
    if (name.trim() !== name || name === '')
      problems.push(error(path, 'this name is empty, or begins or ends with a space', 'write the name without'));
    const own = new Map([[name.toLowerCase(), path]]);
    entry.aliases?.forEach((alias, i) => {
      if (alias !== undefined && !own.has(alias.toLowerCase())) own.set(alias.toLowerCase(), `${path}.aliases[${i}]`);
    });
    names.push(...own);
    entry.telegram_chat_ids?.forEach((raw, i) => {
      if (raw === undefined) return;
      const place = `${path}.telegram_chat_ids[${i}]`;
      const id = groupNamed(raw);
      if (isRefusal(id)) problems.push(error(place, id.problem, id.hint));
      else chats.push({ id, workspace: name, place });
    });
    problems.push(...databaseProblems(`${path}.database_id`, entry.database_id));
    return {
      name,
      aliases: (entry.aliases ?? []).filter((alias) => alias !== undefined),
      description: entry.description ?? '',
      type: entry.workspace_type ?? '',
      directory: entry.working_directory === undefined ? '' : directoryAt(`${path}.working_directory`, entry.working_directory),
      ...present({ notionDatabaseId: entry.database_id }),
      chatIds: chats.filter(({ workspace }) => workspace === name).map(({ id }) => id),
      isDevGroup: entry.is_dev_group ?? false,
      ...present({ agent: entry.agent, tools: entry.tools, mcpServers: entry.mcp_servers, mcpSafeTools: entry.mcp_safe_tools }),
      ...present({
        roles: readRoles(entry.roles, `${path}.roles`, note),
        approve: entry.approve,
        budget: readBudget(`${path}.budget`, entry.budget, note),
      }),
    };
  });
  for (const { first, further } of repeated(chats.map(({ id, place }) => [id, place])))
    problems.push(error(further, `this chat stands at ${first} too`, 'one chat belongs to one workspace, once: remove one of the two'));
  for (const { first, further } of repeated(names))
    problems.push(error(further, `this name stands at ${first} too`, 'names and aliases must differ between workspaces, case aside'));
  if (content.telegram_groups && content.workspaces) {
    const unread = written.filter(([, entry]) => !entry?.telegram_chat_ids || entry.telegram_chat_ids.includes(undefined));
    problems.push(...disagreements(content.telegram_groups, chats, Object.keys(content.workspaces), new Set(unread.map(([name]) => name))));
  }
  return { workspaces, problems };
};

/**
 * 32 hexadecimal digits, with or without dashes, or an address that holds them; `****` is an example's placeholder.
 * Only Notion knows which there are: another one keeps nobody from starting.
 */
const DATABASE_ID = /^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|https?:\/\/.*[\da-f]{32}.*|[*.…x<>\s]*)$/i;
const databaseProblems = (place: string, id: string | undefined): readonly ConfigProblem[] =>
  id === undefined || DATABASE_ID.test(id)
    ? []
    : [
        warning(
          place,
          `${describe(id)} is no id of a Notion database`,
          'write its 32 hexadecimal digits, with or without dashes, or its address',
        ),
      ];

/**
 * `telegram_groups` must say the same as `telegram_chat_ids`, both ways; `unread` are the workspaces that may list
 * chats which could not be read.
 */
const disagreements = (
  groups: Readonly<Record<string, string | undefined>>,
  chats: readonly ChatPlace[],
  names: readonly string[],
  unread: ReadonlySet<string>,
): readonly ConfigProblem[] => {
  const problems: ConfigProblem[] = [];
  const listed = new Map<ChatId, string>();
  for (const [key, name] of Object.entries(groups)) {
    const place = `telegram_groups.${key}`;
    const id = groupNamed(key);
    if (isRefusal(id)) {
      problems.push(error(place, id.problem, id.hint));
      continue;
    }
    const first = listed.get(id);
    if (first === undefined) listed.set(id, place);
    else problems.push(error(place, `this chat stands at ${first} too`, 'remove one of the two'));
    const owner = chats.find((chat) => chat.id === id);
    if (name === undefined || owner?.workspace === name || (!owner && unread.has(name))) continue;
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
          `add "${asWritten(id)}": "${workspace}" to telegram_groups, or leave that section out`,
        ),
      );
  return problems;
};

/** For each key that stands more than once: every later place, with the first one. */
const repeated = <K>(entries: readonly (readonly [key: K, place: string])[]): { readonly first: string; readonly further: string }[] => {
  const firsts = new Map<K, string>();
  return entries.flatMap(([key, place]) => {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, place);
    return first === undefined ? [] : [{ first, further: place }];
  });
};
