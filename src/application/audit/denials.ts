import type { AuditFact } from '../../domain/audit/audit.ts';
import { deniedFact } from '../../domain/audit/facts.ts';
import { roomOf } from '../../domain/chat/ids.ts';
import type { AccessDecision } from '../../domain/message/access.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { makeRation } from './ration.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The most facts of denials in an hour, however many strangers write. */
export const MAX_DENIALS_PER_HOUR = 60;

type DeniedMessage = Pick<IncomingMessage, 'chat' | 'messageId' | 'sender'>;

/**
 * Which denials get a fact of their own: the first of each person, room and rule in a day, and no more than so many in
 * an hour; the next fact says how many had none. A flood of strangers writes no log full.
 */
export interface AuditedDenials {
  /** The fact of a denial, or undefined where it gets none. Changes nothing: a unit of work may ask again. */
  factOf(message: DeniedMessage, access: AccessDecision, at: number): AuditFact | undefined;
  /** The denial is stored, with or without a fact. */
  stored(message: DeniedMessage, access: AccessDecision, at: number, hadFact: boolean): void;
}

export const makeAuditedDenials = (): AuditedDenials => {
  const ration = makeRation({ eachMs: DAY_MS, perHour: MAX_DENIALS_PER_HOUR });
  return {
    factOf: (message, access, at) =>
      isTold(access) && ration.isDue(keyOf(message, access), at)
        ? deniedFact(message, access, { at, notTold: ration.notTold() })
        : undefined,
    stored: (message, access, at, hadFact) => {
      if (!isTold(access)) return;
      if (hadFact) ration.told(keyOf(message, access), at);
      else ration.skipped();
    },
  };
};

/** In a group, people come and go: it is the group that is not allowed. */
const keyOf = ({ chat, sender }: DeniedMessage, { rule }: AccessDecision): string =>
  JSON.stringify([rule, roomOf(chat.id), chat.kind === 'direct' ? sender.id : '']);

/** What the agent says itself comes back from the platform: nobody was denied anything. */
const isTold = ({ rule }: AccessDecision): boolean => rule !== 'own-message';
