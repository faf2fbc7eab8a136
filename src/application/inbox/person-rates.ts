import type { ChatId, MessageId, UserId } from '../../domain/chat/ids.ts';
import { commandOf } from '../../domain/message/command.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { type OverRate, overRateText, RATE_WINDOW_MS } from '../../domain/message/rate.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import { roleOf } from '../../domain/rights/decide-right.ts';
import { NO_PROVENANCE } from '../../domain/trust/labels.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';

type Rated = Pick<IncomingMessage, 'chat' | 'messageId' | 'sender' | 'sentAt' | 'text'>;

/**
 * How many messages of one person are answered in a minute, over all places. It is kept in this process: a restart
 * begins anew.
 */
export interface PersonRates {
  /**
   * Takes a place for a message that would be answered; undefined where there is one. Taken again for the same message,
   * it is the same place: a unit of work may ask again.
   */
  take(message: Rated): OverRate | undefined;
  /** Whether the message has a place. */
  has(message: Pick<Rated, 'chat' | 'messageId' | 'sender'>): boolean;
  /** The message takes no place: it was known before. */
  release(message: Pick<Rated, 'chat' | 'messageId' | 'sender'>): void;
}

interface Person {
  /** When the messages that took a place were sent. */
  readonly taken: Map<string, number>;
  toldAt?: number;
}

/** People beyond these, those who wrote first, are counted anew. */
const MAX_PEOPLE = 5_000;
/** They end work or decide on it: never too many. */
const ALWAYS: ReadonlySet<string> = new Set(['stop', 'cancel', 'approve', 'deny']);

export const makePersonRates = (perMinute: number, policy: AccessPolicy): PersonRates => {
  const people = new Map<UserId, Person>();

  const personOf = (id: UserId): Person => {
    const person = people.get(id) ?? { taken: new Map() };
    people.delete(id);
    people.set(id, person);
    for (const oldest of people.keys()) {
      if (people.size <= MAX_PEOPLE) break;
      people.delete(oldest);
    }
    return person;
  };

  const isFree = ({ chat, sender, text }: Rated): boolean =>
    sender.kind !== 'person' ||
    ALWAYS.has(commandOf(text)?.name ?? '') ||
    roleOf(policy, { chatId: chat.id, senderId: sender.id }).role === 'owner';

  return {
    take: (message) => {
      if (isFree(message)) return undefined;
      const { chat, messageId, sender, sentAt } = message;
      const person = personOf(sender.id);
      const { taken } = person;
      const key = keyOf(chat.id, messageId);
      if (taken.has(key)) return undefined;
      const times = [...taken.values()].filter((at) => Math.abs(sentAt - at) < RATE_WINDOW_MS);
      if (times.length < perMinute) {
        taken.set(key, sentAt);
        for (const [old, at] of taken) if (at < sentAt - 10 * RATE_WINDOW_MS) taken.delete(old);
        return undefined;
      }
      if (person.toldAt === undefined || Math.abs(sentAt - person.toldAt) >= RATE_WINDOW_MS) person.toldAt = sentAt;
      return { perMinute, toldKey: `rate:${sender.id}:${person.toldAt}`, againAt: Math.min(...times) + RATE_WINDOW_MS };
    },
    has: ({ chat, messageId, sender }) => people.get(sender.id)?.taken.has(keyOf(chat.id, messageId)) ?? false,
    release: ({ chat, messageId, sender }) => void people.get(sender.id)?.taken.delete(keyOf(chat.id, messageId)),
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
