import type { UserId } from '../../domain/chat/ids.ts';

/** Whose a listed username is: the person's who was first seen with it. A username comes as `usernameOf` writes it. */
export interface UsernamePins {
  pinned(username: string): Promise<UserId | undefined>;
  /** The first one wins: MUST change nothing when the username is pinned already, to whomever. */
  pin(username: string, userId: UserId): Promise<void>;
}
