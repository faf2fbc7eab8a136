import { Api } from 'telegram/tl/index.js';
import { portErrorOf, rpcErrorOf } from '../../src/adapters/telegram/client/errors.ts';
import type { KeyValueState } from '../../src/ports/index.ts';
import type { Account, Heard, Role } from './account.ts';
import type { Groups } from './groups.ts';

/** Why a question can't be asked; no failure. */
export class Skip extends Error {}

/** Telegram's own word for what went wrong, else a sentence. */
export const wordsOf = (error: unknown): string =>
  rpcErrorOf(error) ?? (error instanceof Skip ? error.message : portErrorOf(error).message);

/** How the person at the keyboard is spoken with, and how time passes. */
export interface Prompts {
  tell(line: string): void;
  ask(question: string): Promise<string>;
  wait(ms: number): Promise<void>;
}

/** How long the probe takes its time, in ms; a test takes less. */
export interface Pace {
  /** After something was done, until no more updates of it come. */
  readonly settleMs: number;
  /** Between two messages. */
  readonly sendMs: number;
  /** How many messages a bot is not shown. */
  readonly unseen: number;
  /** How many groups move while a bot is away. */
  readonly groups: number;
  /** How long after the first sending a random id is used again. */
  readonly repeatAfterMs: readonly number[];
  /** How long after its end a session goes on from elsewhere. */
  readonly takeOverMs: readonly number[];
}

export interface Finding {
  readonly answer: string;
  readonly evidence?: unknown;
  /** There is more to come with another run. */
  readonly open?: boolean;
}

export interface Context {
  readonly pace: Pace;
  readonly prompts: Prompts;
  /** Rejects with `Skip` where there is no such account. */
  account(role: Role): Promise<Account>;
  readonly has: (role: Role) => boolean;
  readonly groups: Groups;
  /** What is remembered from one run to the next. */
  readonly memory: KeyValueState;
  /** What Telegram answered, fit to be shown. */
  shape(value: unknown): unknown;
  /** Everything that the account hears while that happens, and until it has settled. */
  hear(account: Account, during: () => Promise<unknown>): Promise<readonly Heard[]>;
  /** Throws `Skip` where there is no second address. */
  needsElsewhere(): void;
  /** Opens a connection with the session from a second address. */
  fromElsewhere(account: Account): Promise<{ readonly close: () => Promise<void> }>;
}

export interface Question {
  readonly number: number;
  readonly title: string;
  ask(context: Context): Promise<Finding>;
}

/** The number, in the account's own eyes, of the message that says `words`. */
export const messageIdOf = (heard: readonly Heard[], words: string): number => {
  for (const update of heard) {
    if ((update instanceof Api.UpdateShortMessage || update instanceof Api.UpdateShortChatMessage) && update.message.includes(words))
      return update.id;
    if ('message' in update && update.message instanceof Api.Message && update.message.message.includes(words)) return update.message.id;
  }
  throw new Skip(`nobody was told of the message “${words}”`);
};
