import { type ChatId, type MessageId, roomOf } from '../../domain/chat/ids.ts';
import { type CommandName, commandOf } from '../../domain/message/command.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { type OverRate, overRateText, RATE_WINDOW_MS, URGENT_PER_MINUTE } from '../../domain/message/rate.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import { decideRight, roleOf } from '../../domain/rights/decide-right.ts';
import type { Action } from '../../domain/rights/rights.ts';
import { present } from '../../domain/shared/present.ts';
import { NO_PROVENANCE } from '../../domain/trust/labels.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';

type Rated = Pick<IncomingMessage, 'chat' | 'messageId' | 'sender' | 'sentAt' | 'text'>;

/**
 * How many messages of one person are answered in a minute, over all places. What ends work or decides on it is counted
 * apart, by person, chat and command; who may never give such a command there is told so once in a minute. It is kept
 * in this process: a restart begins anew.
 */
export interface PersonRates {
  /**
   * Takes a place for a message that would be answered; undefined where there is one. Taken again for the same message,
   * it is the same place: a unit of work may ask again.
   */
  take(message: Rated): OverRate | undefined;
  /** Whether the message has a place. */
  has(message: Rated): boolean;
  /** The message takes no place: it was known before. */
  release(message: Rated): void;
}

interface Person {
  /** When the messages that took a place were sent. */
  readonly taken: Map<string, number>;
  toldAt?: number;
}

/** People beyond these, those who wrote first, are counted anew. */
const MAX_PEOPLE = 5_000;
/** They end work or decide on it, and by which right: never behind what else somebody asks. */
const URGENT: ReadonlyMap<CommandName, Action | undefined> = new Map([
  ['stop', undefined],
  ['cancel', 'cancel-own'],
  ['approve', 'approve'],
  ['deny', 'approve'],
]);

/** What a message is counted among, and how many of these are answered in a minute. */
interface Counted {
  readonly key: string;
  readonly perMinute: number;
  readonly command?: CommandName;
}

export const makePersonRates = (perMinute: number, policy: AccessPolicy): PersonRates => {
  const people = new Map<string, Person>();

  const personOf = (id: string): Person => {
    const person = people.get(id) ?? { taken: new Map() };
    people.delete(id);
    people.set(id, person);
    for (const oldest of people.keys()) {
      if (people.size <= MAX_PEOPLE) break;
      people.delete(oldest);
    }
    return person;
  };

  const isFree = ({ chat, sender }: Pick<Rated, 'chat' | 'sender'>): boolean =>
    sender.kind !== 'person' || roleOf(policy, { chatId: chat.id, senderId: sender.id }).role === 'owner';

  const countedAs = ({ chat, sender, text }: Rated): Counted => {
    const { name } = commandOf(text) ?? {};
    if (name === undefined || !URGENT.has(name)) return { key: sender.id, perMinute };
    const origin = { chatId: chat.id, chatKind: chat.kind, senderId: sender.id, ...present({ username: sender.username }) };
    const action = URGENT.get(name);
    const mayEver = action === undefined || decideRight(policy, origin, action, { requestedBy: sender.id }).allowed;
    return { key: JSON.stringify([sender.id, roomOf(chat.id), name]), perMinute: mayEver ? URGENT_PER_MINUTE : 1, command: name };
  };

  return {
    take: (message) => {
      if (isFree(message)) return undefined;
      const { chat, messageId, sentAt } = message;
      const counted = countedAs(message);
      const person = personOf(counted.key);
      const { taken } = person;
      const key = keyOf(chat.id, messageId);
      if (taken.has(key)) return undefined;
      const times = [...taken.values()].filter((at) => Math.abs(sentAt - at) < RATE_WINDOW_MS);
      if (times.length < counted.perMinute) {
        taken.set(key, sentAt);
        for (const [old, at] of taken) if (at < sentAt - 10 * RATE_WINDOW_MS) taken.delete(old);
        return undefined;
      }
      if (person.toldAt === undefined || Math.abs(sentAt - person.toldAt) >= RATE_WINDOW_MS) person.toldAt = sentAt;
      return {
        perMinute: counted.perMinute,
        toldKey: `rate:${counted.key}:${person.toldAt}`,
        againAt: Math.min(...times) + RATE_WINDOW_MS,
        ...present({ command: counted.command }),
      };
    },
    has: (message) => people.get(countedAs(message).key)?.taken.has(keyOf(message.chat.id, message.messageId)) ?? false,
    release: (message) => void people.get(countedAs(message).key)?.taken.delete(keyOf(message.chat.id, message.messageId)),
  };
};

/** What the person is told. */
export const overRateDraft = (
  { chat, messageId }: IncomingMessage,
  over: OverRate,
  { deliveryKey, at }: { readonly deliveryKey: string; readonly at: number },
): OutboxDraft => ({
  chatId: chat.id,
  text: overRateText(over, at),
  replyTo: messageId,
  answers: [],
  dedupeKey: over.toldKey,
  deliveryKey,
  createdAt: at,
  provenance: NO_PROVENANCE,
});

const keyOf = (chatId: ChatId, messageId: MessageId): string => `${chatId}/${messageId}`;
