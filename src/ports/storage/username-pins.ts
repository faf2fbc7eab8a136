import type { UserId } from '../../domain/chat/ids.ts';

/** To whom listed usernames belong: whoever was first seen with one. Usernames are normalised (`normaliseUsername`). */
export interface UsernamePins {
  pinned(username: string): Promise<UserId | undefined>;
  /** The first one wins: MUST change nothing when the username is pinned already, to whomever. */
  pin(username: string, userId: UserId): Promise<void>;
}
