import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { fetchMessages } from '../client/fetch-messages.ts';
import { isChannelId, type NativeChat } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import { markedId } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import { repliedIn, standsIn } from '../client/threads.ts';

const PAGE = 100;
const PAGES = 10;

interface Telegram {
  readonly call: Call;
  readonly peers: Peers;
  readonly self: TelegramSelf;
}

export interface Sought {
  readonly chat: NativeChat;
  readonly text: string;
  readonly replyTo?: number;
  /** It stands behind this message. */
  readonly after: number;
  /** Whether another send is known to have become that message. */
  readonly isTaken: (messageId: number) => boolean;
}

/**
 * Finds a message of ours that Telegram says it has, when its number was lost with the reply. Bots have no history to
 * look through, but may ask for messages by number. Of several, the one with the very text is taken.
 */
export const findSent = async (telegram: Telegram, { chat, text, replyTo, after, isTaken }: Sought): Promise<number | undefined> => {
  const { room, thread } = chat;
  const isCandidate = (message: Api.TypeMessage): message is Api.Message =>
    message instanceof Api.Message &&
    message.out === true &&
    markedId(message.peerId) === room &&
    !isTaken(message.id) &&
    standsIn(message.replyTo ?? undefined, thread);
  const repliesTo = ({ replyTo: header }: Api.Message): number | undefined => repliedIn(header ?? undefined, thread);
  // Telegram leaves a reply out where its target is gone. A room may be searched without knowing the reply.
  const mayBeIt = (message: Api.Message): boolean =>
    [replyTo, undefined].includes(repliesTo(message)) || (thread === undefined && replyTo === undefined);

  const drafts: Api.Message[] = [];
  for await (const page of pages(telegram, chat, after)) {
    const found = page.filter(isCandidate).toSorted((a, b) => a.id - b.id);
    const exact = found.filter(mayBeIt).find(({ message }) => isSame(message, text));
    if (exact) return exact.id;
    drafts.push(...found.filter((message) => repliesTo(message) === replyTo));
  }
  // A draft says less than the answer; without a reply there is nothing else to tell it by.
  return replyTo === undefined ? undefined : drafts[0]?.id;
};

/** Telegram cuts off blanks, and puts others in the place of control characters. */
const isSame = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (text: string): string => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();

/** The newest messages of the chat, as a person's account may list them: those of a thread alone, where it is one. */
const historyOf = ({ peers }: Telegram, { room, thread }: NativeChat) => {
  const peer = peers.inputPeer(room);
  return thread === undefined || !isChannelId(room)
    ? new Api.messages.GetHistory({ peer, limit: PAGE })
    : new Api.messages.GetReplies({
        peer,
        msgId: thread,
        offsetId: 0,
        offsetDate: 0,
        addOffset: 0,
        limit: PAGE,
        maxId: 0,
        minId: 0,
        hash: returnBigInt(0),
      });
};

async function* pages(telegram: Telegram, chat: NativeChat, after: number): AsyncGenerator<readonly Api.TypeMessage[]> {
  if (!telegram.self.isBot) {
    const found = await telegram.call(historyOf(telegram, chat));
    yield found instanceof Api.messages.MessagesNotModified ? [] : found.messages;
    return;
  }
  for (let page = 0; page < PAGES; page++) {
    const first = after + 1 + page * PAGE;
    const ids = Array.from({ length: PAGE }, (_, at) => first + at);
    const { messages } = await fetchMessages(telegram, chat.room, ids);
    yield messages;
    if (messages.every((message) => message instanceof Api.MessageEmpty)) return;
  }
}
