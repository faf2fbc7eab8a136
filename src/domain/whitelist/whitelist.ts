import type { UserId } from '../chat/ids.ts';

export interface WhitelistEntry {
  readonly description: string;
  /** Absolute; absent means the default directory. */
  readonly directory?: string;
  /** Where the entry stands in the configuration. */
  readonly path: string;
}

/** Who may send direct messages. Usernames are normalised: lower case, without `@`. */
export interface Whitelist {
  readonly userIds: ReadonlyMap<UserId, WhitelistEntry>;
  readonly usernames: ReadonlyMap<string, WhitelistEntry>;
  /** Absolute. */
  readonly defaultDirectory: string;
}

/**
 * Usernames compare without `@` and without regard to the case of ASCII letters: other letters become none of those.
 */
export const normaliseUsername = (username: string): string =>
  username
    .trim()
    .replace(/^@/, '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
