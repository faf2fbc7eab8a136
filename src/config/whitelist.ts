import { type UserId, userIdOf } from '../domain/chat/ids.ts';
import { normaliseUsername, usernameKey, type Whitelist, type WhitelistEntry } from '../domain/whitelist/whitelist.ts';
import type { ConfigProblem } from './config.ts';
import { TELEGRAM } from './platform.ts';
import { error } from './problems.ts';
import type { DirectoryAt, WorkspaceFile } from './workspace-schema.ts';

/** Telegram's user ids end below 2^40 (https://core.telegram.org/api/bots/ids). */
const LAST_USER_ID = 2 ** 40 - 1;

/**
 * Who may send direct messages, as far as it can be read, and what is wrong with that part of the file. Places lack the
 * file's name.
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
    const username = normaliseUsername(key);
    if (!/^[a-z]\w{1,31}$/.test(username))
      problems.push(
        error(path, 'this is not a Telegram username', 'people without one belong in dm_whitelist.allowed_user_ids, by number'),
      );
    if (user.username !== undefined && normaliseUsername(user.username) !== username)
      problems.push(error(`${path}.username`, `this differs from the key of its entry, ${path}`, 'write the same username in both places'));
    const first = usernames.get(usernameKey(TELEGRAM, username));
    if (first) problems.push(error(path, `this username stands at ${first.path} too`, 'usernames compare without @ and case: remove one'));
    usernames.set(usernameKey(TELEGRAM, username), entry(path, user));
  }

  const userIds = new Map<UserId, WhitelistEntry>();
  for (const [key, user = {}] of Object.entries(written?.allowed_user_ids ?? {})) {
    const path = `dm_whitelist.allowed_user_ids.${key}`;
    const digits = key.replace(/^telegram:/, '');
    if (/^[1-9]\d*$/.test(digits) && Number(digits) <= LAST_USER_ID) {
      const first = userIds.get(userIdOf(TELEGRAM, digits));
      if (first) problems.push(error(path, `this user id stands at ${first.path} too`, 'remove one of the two'));
      userIds.set(userIdOf(TELEGRAM, digits), entry(path, user));
    } else
      problems.push(
        error(path, 'this is not a Telegram user id', 'an id is a positive number; usernames belong in dm_whitelist.allowed_users'),
      );
  }

  const directory = written?.default_working_directory;
  const defaultDirectory = directory === undefined ? cwd : directoryAt('dm_whitelist.default_working_directory', directory);
  return { whitelist: { userIds, usernames, defaultDirectory }, problems };
};
