import type { AuditFact } from '../../domain/audit/audit.ts';
import { deniedFact } from '../../domain/audit/facts.ts';
import { roomOf } from '../../domain/chat/ids.ts';
import type { AccessDecision } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** The most facts of denials in an hour, however many strangers write. */
export const MAX_DENIALS_PER_HOUR = 60;
/** Of whom it is known that they were told of lately. */
const MAX_KNOWN = 10_000;

/**
 * Which denials get a fact of their own: the first of each person, room and rule in a day, and no more than so many in
 * an hour; the next fact says how many had none. A flood of strangers writes no log full.
 */
export interface AuditedDenials {
  /** The fact of a denial, or undefined where it gets none. Changes nothing: a unit of work may ask again. */
  factOf(message: Pick<IncomingMessage, 'chat' | 'messageId' | 'sender'>, access: AccessDecision, at: number): AuditFact | undefined;
  /** The denial is stored, with or without a fact. */
  stored(message: Pick<IncomingMessage, 'chat' | 'messageId' | 'sender'>, access: AccessDecision, at: number, hadFact: boolean): void;
}

export const makeAuditedDenials = (): AuditedDenials => {
  const toldAt = new Map<string, number>();
  let hour = { from: 0, told: 0 };
  let notTold = 0;

  // In a group, people come and go: it is the group that is not allowed.
  const keyOf = ({ chat, sender }: Pick<IncomingMessage, 'chat' | 'sender'>, { rule }: AccessDecision): string =>
    JSON.stringify([rule, roomOf(chat.id), chat.kind === 'direct' ? sender.id : '']);
  const isDue = (key: string, at: number): boolean => {
    const before = toldAt.get(key);
    // The clock may have been put back.
    if (before !== undefined && before <= at && at < before + DAY_MS) return false;
    return !(hour.from <= at && at < hour.from + HOUR_MS) || hour.told < MAX_DENIALS_PER_HOUR;
  };

  return {
    factOf: (message, access, at) =>
      isTold(access) && isDue(keyOf(message, access), at) ? deniedFact(message, access, { at, notTold }) : undefined,
    stored: (message, access, at, hadFact) => {
      if (!isTold(access)) return;
      if (!hadFact) {
        notTold++;
        return;
      }
      notTold = 0;
      if (!(hour.from <= at && at < hour.from + HOUR_MS)) hour = { from: at, told: 0 };
      hour.told++;
      const key = keyOf(message, access);
      toldAt.delete(key);
      toldAt.set(key, at);
      for (const [oldest] of toldAt) if (toldAt.size > MAX_KNOWN) toldAt.delete(oldest);
    },
  };
};

/** What the agent says itself comes back from the platform: nobody was denied anything. */
const isTold = ({ rule }: AccessDecision): boolean => rule !== 'own-message';
