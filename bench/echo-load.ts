import { setTimeout as wait } from 'node:timers/promises';
import type { TlObject } from '../test/fakes/telegram/index.ts';
import type { TelegramSite } from '../test/support/telegram-site.ts';
import type { Contender } from './contenders.ts';

const DEADLINE_MS = 30_000;

/**
 * Writes to a bot as a person, and resolves to how long its answer took, in ms: from the message to the answer, both on
 * the server's side.
 */
export type Ask = (contender: Contender, person: number) => Promise<number>;

const textsOf = ({ message, updates }: TlObject): string => {
  if (typeof message === 'string') return message;
  if (typeof message === 'object' && message !== null && 'message' in message) return textsOf(message as TlObject);
  return Array.isArray(updates) ? updates.map((each) => textsOf(each as TlObject)).join('\n') : '';
};

export const makeAsk = ({ server: { world } }: TelegramSite): Ask => {
  const waiting = new Map<string, () => void>();
  world.state.listeners.add(({ updates }) => {
    for (const [echo] of textsOf(updates).matchAll(/“[^”]*”/g)) waiting.get(echo)?.();
  });
  let asked = 0;
  return ({ bot }, person) =>
    new Promise((resolve, reject) => {
      asked += 1;
      const text = `please remember the word pebble-${asked}-`;
      const timer = setTimeout(() => reject(new Error(`no answer of ${bot} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
      const since = performance.now();
      waiting.set(`“${text}”`, () => {
        waiting.delete(`“${text}”`);
        clearTimeout(timer);
        resolve(performance.now() - since);
      });
      world.sendMessage({ from: person, chat: bot, text });
    });
};

/**
 * Asks each of them `messages` times, `perSecond`, whether or not answers come, in its people's chats one after the
 * other. Who is asked first changes; the others follow at equal distances. Resolves to the round trips of each.
 */
export const askInTurns = async (
  ask: Ask,
  contenders: readonly Contender[],
  { messages, perSecond }: { readonly messages: number; readonly perSecond: number },
): Promise<readonly (readonly number[])[]> => {
  const roundTrips = contenders.map((): Promise<number>[] => []);
  const startedAt = performance.now();
  for (let at = 0; at < messages; at++)
    for (let turn = 0; turn < contenders.length; turn++) {
      const which = (at + turn) % contenders.length;
      const contender = contenders[which];
      if (!contender) throw new Error('nobody to ask');
      const due = startedAt + ((at + turn / contenders.length) * 1_000) / perSecond;
      await wait(Math.max(0, due - performance.now()));
      roundTrips[which]?.push(ask(contender, contender.people[at % contender.people.length] ?? 0));
    }
  return Promise.all(roundTrips.map((each) => Promise.all(each)));
};

/**
 * Asks `messages` times, all chats side by side, each again as soon as it has its answer. Resolves to the messages a
 * second.
 */
export const askAtOnce = async (ask: Ask, contender: Contender, messages: number): Promise<number> => {
  let left = messages;
  const since = performance.now();
  await Promise.all(
    contender.people.map(async (person) => {
      while (left-- > 0) await ask(contender, person);
    }),
  );
  return (messages * 1_000) / (performance.now() - since);
};
