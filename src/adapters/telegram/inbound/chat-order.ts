import type { ChatId, IncomingMessage, MessageId } from '../../../domain/index.ts';
import { type Notice, reasonOf } from '../../../ports/index.ts';
import { makeLanes } from '../client/lanes.ts';
import type { TelegramSelf } from '../client/settings.ts';
import type { Albums, InboundMessage } from './albums.ts';
import type { InletCalls } from './inlet-calls.ts';
import type { Reading } from './reading.ts';

/** Hands over what is read in the order of each chat, although one message takes longer to read than another. */
export const makeChatOrder = ({
  albums,
  albumOf,
  wholeMessage,
  sentByUs,
  calls,
  signal,
  notice,
}: {
  readonly albums: Albums;
  readonly albumOf: Reading['albumOf'];
  readonly wholeMessage: (parts: readonly InboundMessage[]) => IncomingMessage;
  readonly sentByUs: (chatId: ChatId, messageId: MessageId) => boolean;
  readonly calls: InletCalls;
  readonly signal: AbortSignal;
  readonly notice: Notice;
}) => {
  /** Who said it: Telegram may have to be asked. */
  const readings = makeLanes<ChatId>();
  /** What was read, until it is complete: an album waits for its parts. */
  const lanes = makeLanes<ChatId>();

  const logged = (chatId: ChatId) => (error: unknown) => {
    if (!signal.aborted) notice('update-abandoned', { chatId, reason: reasonOf(error), error });
  };

  /** Hands over what `whole` resolves to, behind what came before in that chat. Resolves when it was received. */
  const inTurn = (chatId: ChatId, whole: () => Promise<readonly InboundMessage[]>): Promise<void> => {
    const received = Promise.withResolvers<void>();
    lanes
      .run(chatId, async () => {
        const message = wholeMessage(await whole());
        // Not waited for: the inlet keeps the order.
        void calls.make(chatId, (inlet) => inlet.received(message)).then(received.resolve);
      })
      .catch(logged(chatId));
    return received.promise;
  };

  const enter = (inbound: InboundMessage, me: TelegramSelf): Promise<void> => {
    const { message, albumId, edited } = inbound;
    const chatId = message.chat.id;
    if (message.sender.kind === 'self' && sentByUs(chatId, message.messageId)) return Promise.resolve();
    if (albumId === undefined) return inTurn(chatId, async () => [inbound]);
    if (edited) return inTurn(chatId, () => albumOf(inbound, me));
    const { album, opened } = albums.add(inbound, albumId);
    if (opened) void inTurn(chatId, () => album.whole).then(album.settle);
    return album.settled;
  };

  return {
    inTurn,
    /** Resolves when what `read` resolves to was received, or turned out to be nothing to receive. */
    handOver: (chatId: ChatId, read: () => Promise<InboundMessage | undefined>, me: TelegramSelf): Promise<void> => {
      const settled = Promise.withResolvers<void>();
      readings
        .run(chatId, async () => {
          const inbound = await read();
          void (inbound ? enter(inbound, me) : Promise.resolve()).then(settled.resolve);
        })
        .catch(logged(chatId));
      return settled.promise;
    },
    /** Resolves when the inlet was called for all that such chats have now. */
    untilHandedOver: async (mayBe: (chatId: ChatId) => boolean): Promise<void> => {
      await readings.untilDone(mayBe);
      await lanes.untilDone(mayBe);
    },
  };
};
