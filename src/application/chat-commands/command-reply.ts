import type { Stores } from '../../ports/storage/unit-of-work.ts';

/**
 * The reply to a command: a text, or what gives it, and does what was asked, in the unit of work that settles the
 * message.
 */
export type CommandReply = string | ((stores: Stores, at: number) => Promise<string>);
