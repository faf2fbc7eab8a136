import type { ChangeFeed } from './change-feed.ts';
import type { LeaderLease } from './leader-lease.ts';
import type { PersonalData } from './storage/personal-data.ts';
import type { Storage } from './storage/storage.ts';

/** One storage engine, opened: where everything is kept, and how processes on it hear of each other. */
export interface Engine {
  readonly storage: Storage;
  /** Decides which bot on this storage answers. Absent if only one process can be the bot. */
  readonly leaderLease?: LeaderLease;
  /** What the storage keeps of a person. Absent if nothing outlives the process. */
  readonly personalData?: PersonalData;
  /** Tells of changes to the storage; the same feed at each call. `close` ends it. */
  changes(): ChangeFeed;
  /**
   * Starts what a process that keeps promises does for the engine in the background, and resolves after its first
   * pass. `close` ends it.
   */
  startMaintenance(): Promise<void>;
  /** Refuses new work, lets what has begun commit, and gives back every connection and file. May be called again. */
  close(): Promise<void>;
}
