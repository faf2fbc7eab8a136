import { Api } from 'telegram/tl/index.js';
import type { ChatId, DeletedMessages, MessageId } from '../../../domain/index.ts';
import { type MovedChat, type Notice, reasonOf } from '../../../ports/index.ts';
import { notConnected } from '../client/errors.ts';
import { markedIdOf } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import { type MovedGroups, movesOf, moveToldBy } from '../client/moved-groups.ts';
import { makePatiently } from '../client/patience.ts';
import { usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { ServerTime } from '../client/server-time.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import type { Deliver } from '../updates/dispatch.ts';
import { streamOf } from '../updates/updates.ts';
import { type InboundMessage, makeAlbums } from './albums.ts';
import type { Comments } from './channel-posts.ts';
import { makeChatOrder } from './chat-order.ts';
import type { Files } from './files.ts';
import { makeInletCalls } from './inlet-calls.ts';
import { makeReading } from './reading.ts';
import { deletedBy, messageToIncoming } from './to-incoming.ts';
import { makeWholeMessage } from './whole-message.ts';

/**
 * Reads messages out of updates and hands them over, in the order of each chat. The inlet repeats what fails; what it
 * has not taken when the gateway stops is not acknowledged, and comes again.
 */
export const makeHandOver = (
  { clock, timing }: TelegramBase,
  {
    call,
    peers,
    self,
    isOurs,
    sentByUs,
    moved,
    onOurClock,
    isComment,
    attachmentsOf,
    notice,
  }: {
    readonly call: Call;
    readonly peers: Peers;
    readonly self: () => TelegramSelf | undefined;
    readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
    /** Whether this process sent that very message, and so knows all of it. */
    readonly sentByUs: (chatId: ChatId, messageId: MessageId) => boolean;
    readonly isComment: Comments['isComment'];
    readonly onOurClock: ServerTime['onOurClock'];
    readonly moved: Pick<MovedGroups, 'home' | 'follow'>;
    readonly attachmentsOf: Files['attachmentsOf'];
    readonly notice: Notice;
  },
) => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const patiently = makePatiently({ clock, signal, notice });
  const { readUpdate, senderOf, albumOf } = makeReading({ call, peers, isOurs, sentByUs, isComment, patiently, signal, notice });
  const albums = makeAlbums(clock, timing.albumPatienceMs);
  const wholeMessage = makeWholeMessage({ onOurClock, attachmentsOf });
  const calls = makeInletCalls({ signal, notice });

  const order = makeChatOrder({ albums, albumOf, wholeMessage, sentByUs, calls, signal, notice });

  /**
   * Behind all that came before in each chat that it may be of: Telegram does not say which thread of a room that is,
   * and not which of the chats that share the account's numbers. Resolves when they are erased.
   */
  const handOverDeletion = async (deleted: DeletedMessages): Promise<void> => {
    const { chat } = deleted;
    const mayBe = typeof chat === 'function' ? chat : (chatId: ChatId): boolean => chatId === chat;
    await order.untilHandedOver(mayBe);
    await calls.make(undefined, (inlet) => inlet.erased(deleted));
  };

  /** The inlet is called before it is for any message of the new group. Resolves when the move is stored here, too. */
  const follow = (chat: MovedChat): Promise<void> => {
    const settled = Promise.withResolvers<void>();
    patiently(
      'move-not-stored',
      () => moved.follow(chat),
      () => !signal.aborted,
    ).then(settled.resolve, (error) => {
      if (!signal.aborted) notice('update-abandoned', { chatId: chat.to, reason: reasonOf(error), error });
    });
    return settled.promise;
  };

  const deliver: Deliver = async (update, users, chats) => {
    for (const chat of movesOf(chats)) if (moved.home(chat.from) !== chat.to) void follow(chat);
    const move = moveToldBy(update);
    if (move) return { settled: follow(move) };
    const me = self();
    if (!me || update instanceof Api.UpdateShortSentMessage) return undefined;
    const gone = deletedBy(update);
    if (gone) return { settled: handOverDeletion({ chat: gone.chat, messageIds: gone.messageIds }) };
    const known = usersById(users);
    const inbound = await readUpdate(update, known, chats, me);
    if (!inbound) return undefined;
    const chatId = inbound.message.chat.id;
    // Only its own chat waits for a message whose sender Telegram is asked for, and an album for all of its parts.
    const whole = async (): Promise<InboundMessage | undefined> => {
      if (inbound.senderKnown) return inbound;
      const release = albums.hold(streamOf(markedIdOf(chatId)));
      try {
        return await readUpdate(update, new Map([...known, ...(await senderOf(inbound, me))]), chats, me);
      } finally {
        release();
      }
    };
    return { settled: order.handOver(chatId, whole, me) };
  };

  /** Hands over a message of ours, which would be dropped if it came by itself. Resolves when it was received. */
  const bringOwn = async (message: Api.Message): Promise<void> => {
    const me = self();
    const inbound = me && (await messageToIncoming(message, false, { self: me, users: new Map(), chats: new Map(), isOurs: () => true }));
    if (inbound?.kind !== 'message') throw notConnected('a message of ours could not be read');
    const own: InboundMessage = { ...inbound, message: { ...inbound.message, addressedTo: 'us' } };
    await order.inTurn(own.message.chat.id, async () => [own]);
  };

  return {
    deliver,
    /** Until what it returns is called, albums wait for further parts. */
    holdAlbums: albums.hold,
    bringOwn,
    start: calls.start,
    /** Resolves when the inlet's calls have settled. What waits behind them is not acknowledged: it comes again. */
    stop: async (): Promise<void> => {
      stopping.abort(new Error('the gateway was stopped'));
      await calls.settled();
    },
  };
};
