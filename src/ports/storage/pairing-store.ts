import type { UserId } from '../../domain/chat/ids.ts';
import type { Pairing, PairingStatus } from '../../domain/pairing/pairing.ts';

export interface PairingFilter {
  /** Absent: all. */
  readonly statuses?: readonly PairingStatus[];
  readonly limit: number;
}

/** Who asked to be let in, and whom somebody has let in: one row a person. */
export interface PairingStore {
  /**
   * Stores that somebody asks, and resolves to true. Resolves to false, and stores nothing, where that person has asked
   * after `since` or was decided upon, or where `maxOpen` others have asked after `since`. MUST forget who asked at
   * `since` or before and was not decided upon. Of offers made side by side, no more are stored than may be.
   */
  offer(pairing: Pairing, limits: { readonly since: number; readonly maxOpen: number }): Promise<boolean>;
  get(userId: UserId): Promise<Pairing | undefined>;
  byCode(code: string): Promise<Pairing | undefined>;
  /**
   * Locks the pairing of that person until the unit of work ends, and stores what `change` gives of status, decision
   * and decider. Where `change` gives undefined, it stays as it is. Resolves to it as it then stands; undefined if
   * there is none.
   */
  update(userId: UserId, change: (stored: Pairing) => Pairing | undefined): Promise<Pairing | undefined>;
  /** Newest first. */
  list(filter: PairingFilter): Promise<readonly Pairing[]>;
  /** Everybody who is let in, by id. */
  paired(): Promise<readonly UserId[]>;
}
