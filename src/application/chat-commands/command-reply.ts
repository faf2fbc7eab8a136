import type { KeptEvent } from '../../domain/events/event.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** What was done, in words, and what is to be told of it once it is committed. */
export interface Done {
  readonly text: string;
  readonly events: readonly KeptEvent[];
}

/**
 * The reply to a command: a text, or what gives it, and does what was asked, in the unit of work that settles the
 * message.
 */
export type CommandReply = string | ((stores: Stores, at: number) => Promise<string | Done>);
