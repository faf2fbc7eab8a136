import { Api } from 'telegram/tl/index.js';
import { type MessageId, messageId } from '../../../domain/index.ts';
import type { Call } from '../connection/link.ts';
import { markedId } from '../inbound/peers.ts';
import { isChannelId, type Peers } from '../peers.ts';
import type { TelegramSelf } from '../settings.ts';

const PAGE = 100;
const PAGES = 10;

export interface Sought {
  readonly chatId: number;
  readonly text: string;
  readonly replyTo?: number;
  /** It stands after this message. */
  readonly after: number;
  /** Whether another send is known to have become that message. */
  readonly isTaken: (messageId: number) => boolean;
}

/**
 * Finds a message of ours that Telegram says it has, when its number was lost with the reply. Bots have no history to look through, but
 * may ask for messages by number. Of several the one with the very text is taken.
 */
export const findSent = async (
  { call, peers, self }: { readonly call: Call; readonly peers: Peers; readonly self: TelegramSelf },
  { chatId, text, replyTo, after, isTaken }: Sought,
): Promise<MessageId | undefined> => {
  const isCandidate = (message: Api.TypeMessage): message is Api.Message =>
    message instanceof Api.Message &&
    message.out === true &&
    markedId(message.peerId) === chatId &&
    !isTaken(message.id) &&
    (replyTo === undefined || (message.replyTo instanceof Api.MessageReplyHeader && message.replyTo.replyToMsgId === replyTo));

  const candidates: Api.Message[] = [];
  for await (const page of pages({ call, peers, self }, chatId, after)) {
    const found = page.filter(isCandidate).toSorted((a, b) => a.id - b.id);
    const exact = found.find(({ message }) => message === text);
    if (exact) return messageId(exact.id);
    candidates.push(...found);
  }
  // A draft says less than the answer; without a reply there is nothing else to tell it by.
  const [first] = replyTo === undefined ? [] : candidates;
  return first && messageId(first.id);
};

async function* pages(
  { call, peers, self }: { readonly call: Call; readonly peers: Peers; readonly self: TelegramSelf },
  chatId: number,
  after: number,
): AsyncGenerator<readonly Api.TypeMessage[]> {
  const messagesOf = (found: Api.messages.TypeMessages): readonly Api.TypeMessage[] =>
    found instanceof Api.messages.MessagesNotModified ? [] : found.messages;
  if (!self.isBot) {
    yield messagesOf(await call(new Api.messages.GetHistory({ peer: peers.inputPeer(chatId), limit: PAGE })));
    return;
  }
  for (let page = 0; page < PAGES; page++) {
    const first = after + 1 + page * PAGE;
    const id = Array.from({ length: PAGE }, (_, at) => new Api.InputMessageID({ id: first + at }));
    const found = isChannelId(chatId)
      ? await call(new Api.channels.GetMessages({ channel: peers.inputChannel(chatId), id }))
      : await call(new Api.messages.GetMessages({ id }));
    const messages = messagesOf(found);
    yield messages;
    if (messages.every((message) => message instanceof Api.MessageEmpty)) return;
  }
}
