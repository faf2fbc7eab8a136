import { Api } from 'telegram/tl/index.js';
import { userId } from '../../../domain/message/ids.ts';
import type { Sender } from '../../../domain/message/message.ts';
import type { Self } from './mentions.ts';
import { type Chats, isChannel, markedId, type Users, userName, usernameOf } from './peers.ts';
import type { RawMessage } from './raw-message.ts';
import { inLine } from './readable.ts';

/** Who sent a message, or why nobody can be named. */
export type SenderReading =
  /**
   * `known`: whether the batch of updates said who that is; a sender of whom only the id is known may be a bot, and has no username to
   * be allowed by.
   */
  { readonly kind: 'sender'; readonly sender: Sender; readonly known: boolean } | { readonly kind: 'nobody'; readonly reason: string };

export const readSender = (
  raw: RawMessage,
  context: { readonly self: Self; readonly users: Users; readonly chats: Chats },
): SenderReading => {
  const { self, users, chats } = context;
  const own: SenderReading = {
    kind: 'sender',
    sender: { id: userId(self.id), ...(self.username === undefined ? {} : { username: self.username }), kind: 'self' },
    known: true,
  };
  const chat = chats.get(markedId(raw.peer));
  if (raw.post || (isChannel(chat) && chat.broadcast)) return { kind: 'nobody', reason: 'a post in a channel' };
  if (isChannel(chat) && chat.monoforum) return { kind: 'nobody', reason: 'a direct message to a channel' };
  if (raw.out) return own;
  const author = raw.from ?? (raw.peer instanceof Api.PeerUser ? raw.peer : undefined);
  if (!author) return { kind: 'nobody', reason: 'it names no sender' };
  const id = markedId(author);
  if (id === markedId(raw.peer) && id < 0) return { kind: 'nobody', reason: 'sent by an anonymous admin' };
  if (id < 0) return { kind: 'nobody', reason: 'sent in the name of a channel' };
  return id === self.id ? own : { kind: 'sender', ...identify(id, users.get(id)) };
};

const identify = (id: number, user: Api.TypeUser | undefined): { sender: Sender; known: boolean } => {
  if (!(user instanceof Api.User)) return { sender: { id: userId(id), kind: 'person' }, known: false };
  const username = usernameOf(user);
  const displayName = inLine(userName(user) ?? '');
  const sender: Sender = {
    id: userId(id),
    ...(username ? { username } : {}),
    ...(displayName ? { displayName } : {}),
    kind: user.bot ? 'bot' : 'person',
  };
  return { sender, known: true };
};
