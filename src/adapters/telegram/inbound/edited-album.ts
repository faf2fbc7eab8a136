import { Api } from 'telegram/tl/index.js';
import { fetchMessages } from '../client/fetch-messages.ts';
import { markedIdOf, messageNumberOf } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import { chatsById, markedId, usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import { byNumber, type InboundMessage } from './albums.ts';
import { type InboundContext, messageToIncoming } from './to-incoming.ts';

/**
 * No album has more messages, and they are numbered side by side
 * (https://core.telegram.org/method/messages.sendMultiMedia).
 */
const MOST = 10;

/**
 * The album that an edited message is part of, as all of it is now: who edits one part edits the message that the album
 * was received as, which is its first. Where that may be gone, the first one left says so. Where Telegram no longer has
 * the album, the part alone.
 */
export const findEditedAlbum = async (
  telegram: { readonly call: Call; readonly peers: Pick<Peers, 'inputChannel'> },
  part: InboundMessage,
  context: Pick<InboundContext, 'self' | 'isOurs' | 'isComment'>,
): Promise<readonly InboundMessage[]> => {
  const { chat, messageId, sender } = part.message;
  const room = markedIdOf(chat.id);
  const number = messageNumberOf(messageId);
  const first = Math.max(1, number - MOST + 1);
  const around = Array.from({ length: number + MOST - first }, (_, at) => first + at);
  const { messages, users, chats } = await fetchMessages(telegram, room, around);
  const album: InboundMessage[] = [];
  for (const message of messages) {
    if (!(message instanceof Api.Message) || message.groupedId?.toString() !== part.albumId || markedId(message.peerId) !== room) continue;
    const read = await messageToIncoming(message, true, { ...context, users: usersById(users), chats: chatsById(chats) });
    if (read.kind === 'message') album.push({ ...read, message: { ...read.message, sender } });
  }
  const [opening = part, ...others] = album.toSorted(byNumber);
  const opensAt = messageNumberOf(opening.message.messageId);
  const isWhole = opensAt === first || messages.some((message) => message.id === opensAt - 1 && !(message instanceof Api.MessageEmpty));
  return isWhole ? [opening, ...others] : [remaining(opening), ...others];
};

/** A part of an album of which it is not known whether it is the first. */
export const remaining = (part: InboundMessage): InboundMessage => ({ ...part, message: { ...part.message, edited: 'remains' } });
