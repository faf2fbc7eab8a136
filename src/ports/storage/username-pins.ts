import type { UserId } from '../../domain/chat/ids.ts';

/** The owner of each listed username: the person first seen with it. Usernames come as `usernameOf` writes them. */
export interface UsernamePins {
  pinned(username: string): Promise<UserId | undefined>;
  /** Records the owner. MUST change nothing if the username has an owner already. */
  pin(username: string, userId: UserId): Promise<void>;
}
