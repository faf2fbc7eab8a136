import type { ChatKind } from '../chat/chat.ts';
import type { ChatId, UserId } from '../chat/ids.ts';
import { present } from '../shared/present.ts';
import type { Origin } from '../workspace/policy.ts';

interface Requester {
  readonly id: UserId;
  readonly username?: string;
}

/** Where something runs, and for whom. */
export interface RunsFor {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  readonly requestedBy: Requester;
  /** Everybody whose message is answered; absent where none is. */
  readonly asked?: readonly { readonly requestedBy: Requester }[];
}

/**
 * Everybody whose words a run goes by: it may do what each of them may, as nothing says whose words led to a call.
 */
export const speakersOf = ({ chatId, chatKind, requestedBy, asked = [] }: RunsFor): readonly Origin[] => {
  const people = new Map([...asked.map((one) => one.requestedBy), requestedBy].map((one) => [one.id, one]));
  return [...people.values()].map(({ id, username }) => ({ chatId, chatKind, senderId: id, ...present({ username }) }));
};
