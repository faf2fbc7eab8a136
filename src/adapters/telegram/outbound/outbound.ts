import { Api } from 'telegram/tl/index.js';
import type { ChatId, MessageId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { ChatGateway, Clock, Notice } from '../../../ports/index.ts';
import { makeDeleteMessages } from '../client/delete-messages.ts';
import { portErrorOf } from '../client/errors.ts';
import { markedIdOf, messageNumberOf, nativeChat, telegramMessageId } from '../client/ids.ts';
import { makeLanes } from '../client/lanes.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import { toTelegramAnswer } from '../format/answer.ts';
import { makeDrafts } from './drafts.ts';
import { makePin } from './pins.ts';
import type { Posting } from './post.ts';
import { makeReactions } from './reactions.ts';
import { makeSay } from './say.ts';
import { makeSendAnswer, type Outgoing } from './send-answer.ts';
import type { SentMessages } from './sent-messages.ts';

export type Outbound = Pick<ChatGateway, 'showDraft' | 'showTyping' | 'acknowledge'> &
  Required<Pick<ChatGateway, 'edit' | 'pin' | 'withdraw'>> & { send(message: Outgoing): Promise<MessageId | undefined> };

/** Turns every failure into a PortError. */
const mapped = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw portErrorOf(error);
  }
};

/**
 * Sends each message once, and each chat in order. The random id of a message comes from the delivery key that the
 * outbox stored before the first try; those of further parts are derived from it, so that Telegram knows every repeat.
 */
export const makeOutbound = ({
  call,
  peers,
  sent,
  posting,
  onUpdates,
  clock,
  partIntervalMs,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly sent: SentMessages;
  readonly posting: Posting;
  /** What a call has changed has its number in the stream of updates, too. */
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly clock: Clock;
  /** The shortest time between two parts of one message. */
  readonly partIntervalMs: number;
  readonly notice: Notice;
}): Outbound => {
  const lanes = makeLanes<ChatId>();
  const remove = makeDeleteMessages({ call, peers, onUpdates });
  const react = makeReactions({ call, peers, onUpdates, clock });
  const pin = makePin({ call, peers, onUpdates });
  const drafts = makeDrafts({ sent, posting, remove });
  const sendAnswer = makeSendAnswer({ sent, say: makeSay({ sent, posting }), remove, partIntervalMs, notice });

  const inLane = <T>(chatId: ChatId, work: () => Promise<T>): Promise<T> => lanes.run(chatId, () => mapped(work));

  return {
    send: (message) => {
      drafts.close(message.deliveryKey);
      return inLane(message.chatId, async () => {
        const id = await sendAnswer(message);
        return id === undefined ? undefined : telegramMessageId(id);
      });
    },
    showDraft: (draft) => inLane(draft.chatId, () => drafts.show(draft)),
    withdraw: (chatId, deliveryKey) => {
      drafts.close(deliveryKey);
      return inLane(chatId, () => drafts.withdraw(chatId, deliveryKey));
    },
    showTyping: (chatId) =>
      mapped(async () => {
        const { room, thread } = nativeChat(chatId);
        const action = new Api.SendMessageTypingAction();
        await call(new Api.messages.SetTyping({ peer: peers.inputPeer(room), ...present({ topMsgId: thread }), action }));
      }),
    edit: async (chatId, messageId, text) => {
      const answer = toTelegramAnswer(text);
      const [content, ...more] = answer.kind === 'file' ? [] : answer.parts;
      if (!content || more.length > 0) return false;
      return inLane(chatId, () => posting.edit(markedIdOf(chatId), messageNumberOf(messageId), content));
    },
    pin: (chatId, messageId) => inLane(chatId, () => pin(markedIdOf(chatId), messageNumberOf(messageId))),
    acknowledge: (chatId, messageId) => mapped(() => react(markedIdOf(chatId), messageNumberOf(messageId))),
  };
};
