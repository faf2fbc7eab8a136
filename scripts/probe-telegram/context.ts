import { Api } from 'telegram/tl/index.js';
import { portErrorOf, rpcErrorOf } from '../../src/adapters/telegram/client/errors.ts';
import type { KeyValueState } from '../../src/ports/index.ts';
import type { Account, Heard, Role } from './account.ts';
import type { Groups } from './groups.ts';

/** The reason why a question cannot be asked. It is no failure. */
export class Skip extends Error {}

/** The name of Telegram's error, else a sentence. */
export const wordsOf = (error: unknown): string =>
  rpcErrorOf(error) ?? (error instanceof Skip ? error.message : portErrorOf(error).message);

/** The dialogue with the person at the keyboard, and the passing of time. */
export interface Prompts {
  tell(line: string): void;
  ask(question: string): Promise<string>;
  wait(ms: number): Promise<void>;
}

/** How long the probe waits, in ms; a test waits less. */
export interface Pace {
  /** After an action, until all of its updates have arrived. */
  readonly settleMs: number;
  /** Between two messages. */
  readonly sendMs: number;
  /** The number of messages that a bot does not see. */
  readonly unseen: number;
  /** The number of groups that get messages while a bot is offline. */
  readonly groups: number;
  /** How long after the first sending a random id is used again. */
  readonly repeatAfterMs: readonly number[];
  /** How long after its end a session continues from another address. */
  readonly takeOverMs: readonly number[];
}

export interface Finding {
  readonly answer: string;
  readonly evidence?: unknown;
  /** Another run will add to the answer. */
  readonly open?: boolean;
}

export interface Context {
  readonly pace: Pace;
  readonly prompts: Prompts;
  /** Rejects with `Skip` if there is no such account. */
  account(role: Role): Promise<Account>;
  readonly has: (role: Role) => boolean;
  readonly groups: Groups;
  /** State that is kept from one run to the next. */
  readonly memory: KeyValueState;
  /** What Telegram answered, without secrets. */
  shape(value: unknown): unknown;
  /** All updates of the account during that action, and until they have settled. */
  hear(account: Account, during: () => Promise<unknown>): Promise<readonly Heard[]>;
  /** Throws `Skip` if there is no second address. */
  needsElsewhere(): void;
  /** Opens a connection with the session from a second address. */
  fromElsewhere(account: Account): Promise<{ readonly close: () => Promise<void> }>;
}

export interface Question {
  readonly number: number;
  readonly title: string;
  ask(context: Context): Promise<Finding>;
}

/** The id for this account of the message that contains `words`. */
export const messageIdOf = (heard: readonly Heard[], words: string): number => {
  for (const update of heard) {
    if ((update instanceof Api.UpdateShortMessage || update instanceof Api.UpdateShortChatMessage) && update.message.includes(words))
      return update.id;
    if ('message' in update && update.message instanceof Api.Message && update.message.message.includes(words)) return update.message.id;
  }
  throw new Skip(`nobody was told of the message “${words}”`);
};
