import type { ChatId } from '../../domain/message/ids.ts';
import { type AgentPromise, type PromiseId, promiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import { InvalidValueError } from '../../domain/shared/brand.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { commandPromise } from '../promises/store-promises.ts';
import type { CommandReply } from './command-reply.ts';

const LISTED = 20;

/** `/promises`, `/cancel` and `/retry`. Only a chat's own promises are in its reach. */
export const makePromiseCommands = (deps: { readonly stores: Pick<Stores, 'promises'>; readonly randomness: Randomness }) => {
  const command =
    (name: 'cancel' | 'retry', commandAt: (at: number) => PromiseCommand, done: (id: PromiseId) => string) =>
    (argument: string, chatId: ChatId): CommandReply => {
      const id = readId(argument);
      if (id === undefined) return `Which promise? Like this: /${name} 3. /promises lists them.`;
      return async (stores, at) => {
        const promise = await stores.promises.get(id);
        if (promise?.chatId !== chatId) return `There is no promise #${id} in this chat.`;
        const moved = await commandPromise(stores, id, commandAt(at), deps.randomness);
        return moved && !moved.ok ? `Not done: ${moved.error.message}.` : done(id);
      };
    };
  return {
    list: async (chatId: ChatId): Promise<string> => {
      const promises = await deps.stores.promises.find({ chatId, newestFirst: true, limit: LISTED });
      return promises.length === 0 ? 'Nothing is promised in this chat.' : promises.map(inLine).join('\n');
    },
    cancel: command(
      'cancel',
      (at) => ({ type: 'cancel', at, reason: 'As you asked.' }),
      (id) => `Promise #${id} is given up.`,
    ),
    retry: command(
      'retry',
      (at) => ({ type: 'retry', at }),
      (id) => `Promise #${id} is tried again.`,
    ),
  };
};

const inLine = ({ id, status, description }: AgentPromise): string => {
  const text = description.replace(/\s+/g, ' ');
  return `#${id} ${status.replace('_', ' ')}: ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`;
};

const readId = (argument: string): PromiseId | undefined => {
  try {
    return promiseId(argument);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
