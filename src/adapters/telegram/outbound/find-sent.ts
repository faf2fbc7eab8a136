import { Api } from 'telegram/tl/index.js';
import { fetchMessages } from '../client/fetch-messages.ts';
import type { Call } from '../client/link.ts';
import { markedId } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';

const PAGE = 100;
const PAGES = 10;

export interface Sought {
  readonly room: number;
  readonly text: string;
  readonly replyTo?: number;
  /** It stands after this message. */
  readonly after: number;
  /** Whether another send is known to have become that message. */
  readonly isTaken: (messageId: number) => boolean;
}

/**
 * Finds a message of ours that Telegram says it has, when its number was lost with the reply. Bots have no history to
 * look through, but may ask for messages by number. Of several the one with the very text is taken.
 */
export const findSent = async (
  { call, peers, self }: { readonly call: Call; readonly peers: Peers; readonly self: TelegramSelf },
  { room, text, replyTo, after, isTaken }: Sought,
): Promise<number | undefined> => {
  const isCandidate = (message: Api.TypeMessage): message is Api.Message =>
    message instanceof Api.Message &&
    message.out === true &&
    markedId(message.peerId) === room &&
    !isTaken(message.id) &&
    (replyTo === undefined || (message.replyTo instanceof Api.MessageReplyHeader && message.replyTo.replyToMsgId === replyTo));

  const candidates: Api.Message[] = [];
  for await (const page of pages({ call, peers, self }, room, after)) {
    const found = page.filter(isCandidate).toSorted((a, b) => a.id - b.id);
    const exact = found.find(({ message }) => isSame(message, text));
    if (exact) return exact.id;
    candidates.push(...found);
  }
  // A draft says less than the answer; without a reply there is nothing else to tell it by.
  const [first] = replyTo === undefined ? [] : candidates;
  return first?.id;
};

/** Telegram cuts off blanks, and puts others in the place of control characters. */
const isSame = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (text: string): string => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();

async function* pages(
  { call, peers, self }: { readonly call: Call; readonly peers: Peers; readonly self: TelegramSelf },
  room: number,
  after: number,
): AsyncGenerator<readonly Api.TypeMessage[]> {
  if (!self.isBot) {
    const found = await call(new Api.messages.GetHistory({ peer: peers.inputPeer(room), limit: PAGE }));
    yield found instanceof Api.messages.MessagesNotModified ? [] : found.messages;
    return;
  }
  for (let page = 0; page < PAGES; page++) {
    const first = after + 1 + page * PAGE;
    const ids = Array.from({ length: PAGE }, (_, at) => first + at);
    const { messages } = await fetchMessages({ call, peers }, room, ids);
    yield messages;
    if (messages.every((message) => message instanceof Api.MessageEmpty)) return;
  }
}
