import { gatewayOf, type UserId } from '../chat/ids.ts';

export interface WhitelistEntry {
  readonly description: string;
  /** Absolute; absent means the default directory. */
  readonly directory?: string;
  /** Where the entry stands in the configuration. */
  readonly path: string;
}

/** Who may send direct messages. Usernames are keyed as `usernameKey` makes them. */
export interface Whitelist {
  readonly userIds: ReadonlyMap<UserId, WhitelistEntry>;
  readonly usernames: ReadonlyMap<string, WhitelistEntry>;
  /** Absolute. */
  readonly defaultDirectory: string;
  /**
   * Names or patterns of the MCP tools that may run without an approval in promises of direct conversations. Absent:
   * none.
   */
  readonly mcpSafeTools?: readonly string[];
  /** Owners may let others in, one by one; tells who is. Absent: nobody is offered, and nobody was let in so. */
  readonly pairing?: { has(userId: UserId): boolean };
}

/**
 * Usernames compare without `@` and without regard to the case of ASCII letters: other letters become none of those.
 */
export const normaliseUsername = (username: string): string =>
  username
    .trim()
    .replace(/^@/, '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A username of one gateway, as one key: equal names of two gateways are two people. */
export const usernameKey = (gateway: string, username: string): string => `${gateway}:${normaliseUsername(username)}`;

/** The key of the sender's username, where there is one. */
export const usernameOf = (sender: { readonly id: UserId; readonly username?: string }): string | undefined =>
  sender.username === undefined ? undefined : usernameKey(gatewayOf(sender.id), sender.username);
