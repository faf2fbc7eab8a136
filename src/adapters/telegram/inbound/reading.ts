import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { ChatId, MessageId } from '../../../domain/index.ts';
import { isPortError, type Notice, reasonOf } from '../../../ports/index.ts';
import { portErrorOf } from '../client/errors.ts';
import { markedIdOf, messageNumberOf, telegramChatId, telegramMessageId, userNumberOf } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Patiently } from '../client/patience.ts';
import { chatsById, markedId, type Users, usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import type { Deliver } from '../updates/dispatch.ts';
import type { InboundMessage } from './albums.ts';
import type { Comments } from './channel-posts.ts';
import { findEditedAlbum, remaining } from './edited-album.ts';
import { type Inbound, type InboundContext, toIncoming } from './to-incoming.ts';

/** How often a message is read that fails for no reason that a port gives. */
const MAX_READINGS = 3;

/**
 * Reads messages out of updates, for as long as it takes; asks Telegram for what they leave out. All of it rejects at a
 * stop.
 */
export const makeReading = ({
  call,
  peers,
  isOurs,
  sentByUs,
  isComment,
  patiently,
  signal,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
  readonly sentByUs: (chatId: ChatId, messageId: MessageId) => boolean;
  readonly isComment: Comments['isComment'];
  readonly patiently: Patiently;
  readonly signal: AbortSignal;
  readonly notice: Notice;
}) => {
  const isOursAny: InboundContext['isOurs'] = async (chatId, messageId) => sentByUs(chatId, messageId) || isOurs(chatId, messageId);

  const read = async (update: Parameters<Deliver>[0], users: Users, chats: readonly Api.TypeChat[], me: TelegramSelf): Promise<Inbound> =>
    toIncoming(update, { self: me, users, chats: chatsById(chats), isOurs: isOursAny, isComment });

  const albumOf = async (part: InboundMessage, me: TelegramSelf): Promise<readonly InboundMessage[]> => {
    try {
      return await patiently(
        'album-read-again',
        () => findEditedAlbum({ call, peers }, part, { self: me, isOurs: isOursAny, isComment }),
        (error) => portErrorOf(error).code !== 'invalid-request',
      );
    } catch (error) {
      if (signal.aborted) throw error;
      notice('album-unreadable', { chatId: part.message.chat.id, messageId: part.message.messageId, reason: reasonOf(error) });
      return [remaining(part)];
    }
  };

  /**
   * A sender who is only a number may be a bot, and has no username to be let in by: Telegram is asked who that is,
   * until it says so, or that it never will.
   */
  const senderOf = async ({ message }: InboundMessage, me: TelegramSelf): Promise<Users> => {
    const userId = userNumberOf(message.sender.id);
    const seen = peers.user(userId);
    if (seen) return usersById([seen]);
    try {
      // A bot may not name people by a message, and needs no hash of theirs.
      const person = me.isBot
        ? new Api.InputUser({ userId: returnBigInt(userId), accessHash: returnBigInt(0) })
        : new Api.InputUserFromMessage({
            peer: peers.inputPeer(markedIdOf(message.chat.id)),
            msgId: messageNumberOf(message.messageId),
            userId: returnBigInt(userId),
          });
      const users = await patiently(
        'sender-asked-again',
        () => call(new Api.users.GetUsers({ id: [person] })),
        (error) => portErrorOf(error).code !== 'invalid-request',
      );
      return usersById(users);
    } catch (error) {
      if (signal.aborted) throw error;
      notice('sender-unknown', { chatId: message.chat.id, userId: message.sender.id, reason: reasonOf(error) });
      return new Map();
    }
  };

  const readPatiently = (...what: Parameters<typeof read>): Promise<Inbound> =>
    patiently(
      'message-read-again',
      () => read(...what),
      (error, failures) => isPortError(error) || failures < MAX_READINGS,
    );

  /** The message as Telegram tells it; undefined where there is none, or none that can be read. */
  const readUpdate = async (...what: Parameters<typeof read>): Promise<InboundMessage | undefined> => {
    const [update] = what;
    try {
      const inbound = await readPatiently(...what);
      if (inbound.kind === 'message') return inbound;
      notice('update-empty', { update: update.className, reason: inbound.reason });
    } catch (error) {
      if (signal.aborted) throw error;
      // One message that can't be read must not keep all that come behind it from being acknowledged.
      notice('message-unreadable', { update: update.className, ...whereIs(update), reason: reasonOf(error), error });
    }
    return undefined;
  };

  return { readUpdate, senderOf, albumOf };
};

export type Reading = ReturnType<typeof makeReading>;

/** What a person finds the message by. */
const whereIs = (update: Parameters<Deliver>[0]) => {
  const message = 'message' in update && update.message instanceof Api.Message ? update.message : undefined;
  const room = message && markedId(message.peerId);
  return message && Number.isSafeInteger(room) ? { chatId: telegramChatId(Number(room)), messageId: telegramMessageId(message.id) } : {};
};
