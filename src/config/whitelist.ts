import type { UserId } from '../domain/chat/ids.ts';
import { present } from '../domain/shared/present.ts';
import { normaliseUsername, type Whitelist, type WhitelistEntry } from '../domain/whitelist/whitelist.ts';
import { userNamed, usernameNamed } from './named-ids.ts';
import type { ConfigProblem } from './problems.ts';
import { error } from './problems.ts';
import { isRefusal } from './refusal.ts';
import type { DirectoryAt, WorkspaceFile } from './workspace-schema.ts';

/** The configuration itself lets nobody in so. */
const NOBODY = { has: (): boolean => false };

/**
 * Reads who may send direct messages. Problems name their place inside the file, without the name of the file.
 */
export const readWhitelist = (
  written: WorkspaceFile['dm_whitelist'],
  cwd: string,
  directoryAt: DirectoryAt,
): { readonly whitelist: Whitelist; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const entry = (
    path: string,
    user: { readonly description?: string | undefined; readonly working_directory?: string | undefined },
  ): WhitelistEntry => ({
    description: user.description ?? '',
    ...(user.working_directory === undefined ? {} : { directory: directoryAt(`${path}.working_directory`, user.working_directory) }),
    path,
  });

  const usernames = new Map<string, WhitelistEntry>();
  for (const [key, user = {}] of Object.entries(written?.allowed_users ?? {})) {
    const path = `dm_whitelist.allowed_users.${key}`;
    const named = usernameNamed(key);
    if (isRefusal(named)) {
      problems.push(error(path, named.problem, named.hint));
      continue;
    }
    if (user.username !== undefined && normaliseUsername(user.username) !== named.username)
      problems.push(error(`${path}.username`, `this differs from the key of its entry, ${path}`, 'write the same username in both places'));
    const first = usernames.get(named.key);
    if (first) problems.push(error(path, `this username stands at ${first.path} too`, 'usernames compare without @ and case: remove one'));
    usernames.set(named.key, entry(path, user));
  }

  const userIds = new Map<UserId, WhitelistEntry>();
  for (const [key, user = {}] of Object.entries(written?.allowed_user_ids ?? {})) {
    const path = `dm_whitelist.allowed_user_ids.${key}`;
    const id = userNamed(key);
    if (isRefusal(id)) {
      problems.push(error(path, id.problem, id.hint));
      continue;
    }
    const first = userIds.get(id);
    if (first) problems.push(error(path, `this user id stands at ${first.path} too`, 'remove one of the two'));
    userIds.set(id, entry(path, user));
  }

  const directory = written?.default_working_directory;
  const defaultDirectory = directory === undefined ? cwd : directoryAt('dm_whitelist.default_working_directory', directory);
  return {
    whitelist: {
      userIds,
      usernames,
      defaultDirectory,
      ...present({ mcpSafeTools: written?.mcp_safe_tools, pairing: written?.pairing === true ? NOBODY : undefined }),
    },
    problems,
  };
};
