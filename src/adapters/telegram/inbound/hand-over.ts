import { Api } from 'telegram/tl/index.js';
import type { GatewayNotice } from '../../../domain/index.ts';
import { type ChatId, type DeletedMessages, type IncomingMessage, MAX_MESSAGE_LENGTH, type MessageId } from '../../../domain/index.ts';
import { wholeWordsOf } from '../../../domain/shared/excerpt.ts';
import { present } from '../../../domain/shared/present.ts';
import { type GatewayInlet, type MovedChat, type Notice, reasonOf } from '../../../ports/index.ts';
import { notConnected } from '../client/errors.ts';
import { markedIdOf } from '../client/ids.ts';
import { makeLanes } from '../client/lanes.ts';
import type { Call } from '../client/link.ts';
import { type MovedGroups, movesOf, moveToldBy } from '../client/moved-groups.ts';
import { makePatiently } from '../client/patience.ts';
import { usersById } from '../client/peer-ids.ts';
import type { Peers } from '../client/peers.ts';
import type { ServerTime } from '../client/server-time.ts';
import type { TelegramBase, TelegramSelf } from '../client/settings.ts';
import type { Deliver } from '../updates/pass-on.ts';
import { ACCOUNT, sequenceOf } from '../updates/updates.ts';
import { albumMessage, type InboundMessage, makeAlbums } from './albums.ts';
import type { Comments } from './channel-posts.ts';
import type { Files } from './files.ts';
import { makeReading } from './reading.ts';
import { deletedBy, messageToIncoming } from './to-incoming.ts';

/** Brings messages to the receiver: each chat in order, chats side by side, again for as long as it takes. */
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
  const lanes = makeLanes<ChatId | typeof ACCOUNT>();
  const readings = makeLanes<ChatId>();
  const patiently = makePatiently({ clock, signal, notice });
  const { readUpdate, senderOf, albumOf } = makeReading({ call, peers, isOurs, sentByUs, isComment, patiently, signal, notice });
  const albums = makeAlbums(clock, timing.albumPatienceMs);
  const receiving = new Set<Promise<void>>();
  let inlet: Pick<GatewayInlet, 'received' | 'erased'> | undefined;

  const logged = (chatId: ChatId | typeof ACCOUNT) => (error: unknown) => {
    if (!signal.aborted) notice('update-abandoned', { chatId, reason: reasonOf(error), error });
  };

  const inLane = (chatId: ChatId | typeof ACCOUNT, work: () => Promise<void>): void => {
    lanes.run(chatId, work).catch(logged(chatId));
  };

  const handOver = async (parts: readonly InboundMessage[]): Promise<void> => {
    const read: IncomingMessage[] = [];
    for (const part of parts) {
      const text = wholeWordsOf(part.message.text, MAX_MESSAGE_LENGTH);
      const attachments = attachmentsOf(part);
      // Ages are told by one clock: how late an answer is, and what was said before what.
      const { sentAt, editedAt } = part.message;
      const times = { sentAt: onOurClock(sentAt), ...present({ editedAt: editedAt && onOurClock(editedAt) }) };
      read.push({ ...part.message, ...times, text, ...(attachments.length > 0 ? { attachments } : {}) });
    }
    const [first] = read;
    if (!first) return;
    const message = parts[0]?.albumId === undefined ? first : albumMessage(first, read);
    await bring('message-not-handed-over', () => inlet?.received(message));
  };

  const bring = (what: GatewayNotice, act: () => Promise<void> | undefined): Promise<void> =>
    patiently(
      what,
      async () => {
        const end = signal.aborted ? undefined : act();
        if (!end) throw signal.reason;
        receiving.add(end);
        await end.finally(() => receiving.delete(end));
      },
      () => !signal.aborted,
    );

  /**
   * Behind all that came before in each chat that it may be of: Telegram does not say which thread of a room that is, and
   * not which of the chats that share the account's numbers.
   */
  const handOverDeletion = async (deleted: DeletedMessages, lane: ChatId | typeof ACCOUNT): Promise<void> => {
    const { chat } = deleted;
    const mayBe = typeof chat === 'function' ? chat : (chatId: ChatId): boolean => chatId === chat;
    const settled = Promise.withResolvers<void>();
    const tell = (): Promise<void> =>
      bring('deletion-not-handed-over', () => inlet?.erased(deleted) ?? Promise.resolve()).then(settled.resolve);
    await readings.untilDone(mayBe);
    const before = lanes.untilDone((key) => key !== ACCOUNT && mayBe(key));
    inLane(lane, () => before.then(tell));
    await settled.promise;
  };

  /** No message of the new group is handed over before the core goes on there. Resolves when it does. */
  const follow = (chat: MovedChat): Promise<void> => {
    const settled = Promise.withResolvers<void>();
    const untilFollowed = () =>
      patiently(
        'move-not-stored',
        () => moved.follow(chat),
        () => !signal.aborted,
      );
    inLane(chat.to, async () => untilFollowed().then(settled.resolve));
    return settled.promise;
  };

  /** Gives the message its place in its chat; resolves when it was received. */
  const enter = (inbound: InboundMessage, me: TelegramSelf): Promise<void> => {
    const { message, albumId, edited } = inbound;
    if (message.sender.kind === 'self' && sentByUs(message.chat.id, message.messageId)) return Promise.resolve();
    if (albumId !== undefined && !edited) {
      const { album, opened } = albums.add(inbound, albumId);
      if (opened) inLane(message.chat.id, async () => handOver(await album.whole).then(album.settle));
      return album.settled;
    }
    const settled = Promise.withResolvers<void>();
    inLane(message.chat.id, async () => handOver(albumId === undefined ? [inbound] : await albumOf(inbound, me)).then(settled.resolve));
    return settled.promise;
  };

  const deliver: Deliver = async (update, users, chats) => {
    for (const chat of movesOf(chats)) if (moved.home(chat.from) !== chat.to) void follow(chat);
    const move = moveToldBy(update);
    if (move) return { settled: follow(move) };
    const me = self();
    if (!me || update instanceof Api.UpdateShortSentMessage) return undefined;
    const gone = deletedBy(update);
    if (gone) return { settled: handOverDeletion({ chat: gone.chat, messageIds: gone.messageIds }, gone.room ?? ACCOUNT) };
    const known = usersById(users);
    const inbound = await readUpdate(update, known, chats, me);
    if (!inbound) return undefined;
    const {
      chat: { id: chatId },
    } = inbound.message;
    const settled = Promise.withResolvers<void>();
    // Only its own chat waits for a message whose sender Telegram is asked for, and an album for all of its parts.
    const whole = async (): Promise<InboundMessage | undefined> => {
      if (inbound.senderKnown) return inbound;
      const release = albums.hold(sequenceOf(markedIdOf(chatId)));
      try {
        return await readUpdate(update, new Map([...known, ...(await senderOf(inbound, me))]), chats, me);
      } finally {
        release();
      }
    };
    readings
      .run(chatId, async () => {
        const message = await whole();
        void (message ? enter(message, me) : Promise.resolve()).then(settled.resolve);
      })
      .catch(logged(chatId));
    return { settled: settled.promise };
  };

  /** Hands over a message of ours, which would be dropped if it came by itself. Resolves when it was received. */
  const bringOwn = async (message: Api.Message): Promise<void> => {
    const me = self();
    const inbound = me && (await messageToIncoming(message, false, { self: me, users: new Map(), chats: new Map(), isOurs: () => true }));
    if (inbound?.kind !== 'message') throw notConnected('a message of ours could not be read');
    const received = Promise.withResolvers<void>();
    const own: InboundMessage = { ...inbound, message: { ...inbound.message, addressedTo: 'us' } };
    inLane(own.message.chat.id, () => handOver([own]).then(received.resolve));
    await received.promise;
  };

  return {
    deliver,
    /** Until what it returns is called, albums wait for further parts. */
    holdAlbums: albums.hold,
    bringOwn,
    start: (given: Pick<GatewayInlet, 'received' | 'erased'>): void => {
      inlet = given;
    },
    /** Resolves when what is being received is. What waits behind it is not acknowledged, and comes again. */
    stop: async (): Promise<void> => {
      stopping.abort(new Error('the gateway was stopped'));
      await Promise.allSettled(receiving);
    },
  };
};
