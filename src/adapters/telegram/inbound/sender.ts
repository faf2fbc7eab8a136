import { Api } from 'telegram/tl/index.js';
import type { Sender } from '../../../domain/message/message.ts';
import { present } from '../../../domain/shared/present.ts';
import { telegramUserId } from '../client/ids.ts';
import { type Chats, isChannel, markedId, peerName, type Users, userName, usernameOf } from '../client/peer-ids.ts';
import type { Self } from './mentions.ts';
import type { RawMessage } from './raw-message.ts';
import { inLine } from './readable.ts';

/** Who sent a message, or why the message is not received. */
export type SenderReading =
  /**
   * `known`: whether the batch of updates said who that is; a sender of whom only the id is known may be a bot, and has
   * no username to be allowed by.
   */
  { readonly kind: 'sender'; readonly sender: Sender; readonly known: boolean } | { readonly kind: 'nobody'; readonly reason: string };

export const readSender = (
  raw: RawMessage,
  context: { readonly self: Self; readonly users: Users; readonly chats: Chats },
): SenderReading => {
  const { self, users, chats } = context;
  const own: SenderReading = {
    kind: 'sender',
    sender: { id: telegramUserId(self.id), ...present({ username: self.username }), kind: 'self' },
    known: true,
  };
  const chat = chats.get(markedId(raw.peer));
  if (raw.post || (isChannel(chat) && chat.broadcast)) return { kind: 'nobody', reason: 'a post in a channel' };
  if (isChannel(chat) && chat.monoforum) return { kind: 'nobody', reason: 'a direct message to a channel' };
  if (raw.out) return own;
  // A direct chat is with one person: anybody else who is named in it has not written it.
  const author = raw.peer instanceof Api.PeerUser ? raw.peer : (raw.from ?? raw.peer);
  const id = markedId(author);
  if (id < 0) return { kind: 'sender', sender: anonymous(author, raw.peer, context), known: true };
  return id === self.id ? own : { kind: 'sender', ...identify(id, users.get(id)) };
};

/**
 * Accounts of Telegram's own, which stand for senders who are not named (https://core.telegram.org/bots/api#message,
 * `from`).
 */
const ANONYMOUS_ADMIN = telegramUserId(1_087_968_824);
const CHANNEL_AUTHOR = telegramUserId(136_817_688);

/** Telegram itself: login codes and notices (https://core.telegram.org/api/auth). */
const SERVICE_ACCOUNT = 777_000;

const anonymous = (author: Api.TypePeer, chat: Api.TypePeer, { users, chats }: { readonly users: Users; readonly chats: Chats }): Sender =>
  markedId(author) === markedId(chat)
    ? { id: ANONYMOUS_ADMIN, displayName: 'an anonymous admin', kind: 'anonymous' }
    : { id: CHANNEL_AUTHOR, displayName: inLine(peerName(author, users, chats) ?? 'a channel'), kind: 'anonymous' };

/** The person or bot of that number; only its number where nothing is told of it. */
export const identify = (id: number, user: Api.TypeUser | undefined): { sender: Sender; known: boolean } => {
  const isService = id === SERVICE_ACCOUNT;
  if (!(user instanceof Api.User)) return { sender: { id: telegramUserId(id), kind: isService ? 'service' : 'person' }, known: isService };
  const username = usernameOf(user);
  const displayName = inLine(userName(user) ?? '');
  const sender: Sender = {
    id: telegramUserId(id),
    ...(username ? { username } : {}),
    ...(displayName ? { displayName } : {}),
    kind: isService ? 'service' : user.bot ? 'bot' : 'person',
  };
  return { sender, known: true };
};
