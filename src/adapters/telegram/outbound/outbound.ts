import { Api } from 'telegram/tl/index.js';
import type { ChatId, MessageId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { type ChatGateway, type Clock, type GrowingAnswer, type OutgoingMessage, PortError } from '../../../ports/index.ts';
import { makeDeleteMessages } from '../client/delete-messages.ts';
import { portErrorOf } from '../client/errors.ts';
import { markedIdOf, messageNumberOf, type NativeChat, nativeChat, telegramMessageId } from '../client/ids.ts';
import { makeLanes } from '../client/lanes.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import { type TelegramAnswer, toTelegramAnswer } from '../format/answer.ts';
import type { FormattedText } from '../format/formatted-text.ts';
import type { Post, Posting } from './post.ts';
import { derivedRandomId, randomIdOf } from './random-ids.ts';
import { makeReactions } from './reactions.ts';
import type { SentMessages, SentRecord } from './sent-messages.ts';

/** Stands where there is nothing to see: Telegram takes no blank message. */
const NOTHING: FormattedText = { text: '…', entities: [] };

const NO_CAPTION: FormattedText = { text: '', entities: [] };
/** How many answers are remembered as begun. */
const CLOSING = 1_000;

type Outgoing = OutgoingMessage & Pick<Post, 'silent'>;
/** Where a part of a message is to stand. `movedFrom`: the marked id of the group that has become this one. */
type Place = Pick<Post, 'chat' | 'replyTo' | 'after' | 'silent'> & { readonly movedFrom?: number };

const placeOf = ({ chatId, replyTo, silent, movedFrom }: Outgoing): Place => ({
  chat: nativeChat(chatId),
  ...present({ replyTo: replyTo && messageNumberOf(replyTo), silent, movedFrom: movedFrom && markedIdOf(movedFrom) }),
});

/**
 * Says things, each once. The random id of a message comes from the delivery key that the outbox stored before the first
 * try; those of its further parts are derived from it, so that Telegram knows every repeat of any part.
 */
export const makeOutbound = ({
  call,
  peers,
  sent,
  posting,
  onUpdates,
  clock,
  partIntervalMs,
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
}): Pick<ChatGateway, 'showDraft' | 'showTyping' | 'acknowledge'> &
  Required<Pick<ChatGateway, 'edit' | 'withdraw'>> & { send(message: Outgoing): Promise<MessageId | undefined> } => {
  const react = makeReactions({ call, peers, onUpdates, clock });
  const lanes = makeLanes<ChatId>();
  const remove = makeDeleteMessages({ call, peers, onUpdates });
  /** Answers whose sending has begun, or that will not come: no draft may follow. */
  const closing = new Set<string>();

  /**
   * A draft may stand under this random id: what it says is not the answer. Resolves to undefined where it stands there
   * no more.
   */
  const overDraft = async (post: Post, { messageId, replyTo }: SentRecord): Promise<number | undefined> => {
    const id = messageId ?? (await posting.post({ ...post, ...present({ replyTo }) }));
    return id !== undefined && (await posting.edit(post.chat.room, id, post.content)) ? id : undefined;
  };

  const arrivedIn = async (chat: NativeChat, randomId: string, content: FormattedText): Promise<boolean> => {
    const id = await posting.arrived({ chat, randomId, content });
    if (id !== undefined) sent.conclude(randomId, chat.room, id);
    return id !== undefined;
  };

  /** The message under `randomId` comes to say `content`, whatever a draft has made of it before. */
  const say = async (
    randomId: string,
    content: FormattedText,
    { chat, replyTo, after, silent, movedFrom }: Place,
    file?: Extract<TelegramAnswer, { kind: 'file' }>['file'],
  ): Promise<number | undefined> => {
    const earlier = await sent.get(randomId);
    // Of a group that has moved since: numbers of messages mean others here.
    const isElsewhere = earlier !== undefined && earlier.chatId !== chat.room;
    if (earlier?.isFinal) return isElsewhere ? undefined : earlier.messageId;
    if (movedFrom !== undefined && (await arrivedIn({ room: movedFrom }, randomId, content))) return undefined;
    // A draft that stands in the old group stays as it is: nothing can be changed there.
    const known = isElsewhere ? undefined : earlier;
    const post: Post = {
      chat,
      content,
      randomId: isElsewhere ? derivedRandomId(randomId, 'moved') : randomId,
      ...present({ replyTo, after }),
      ...(silent ? { silent } : {}),
      ...(file ? { file } : {}),
    };
    const id = known
      ? ((await overDraft(post, known)) ?? (await posting.post({ ...post, randomId: derivedRandomId(randomId, 'anew') })))
      : await posting.post(post);
    sent.conclude(randomId, chat.room, id);
    return id;
  };

  /** Each part is a send of its own to Telegram's rates: what follows one has to be admitted first. */
  const sayPart = async (left: number, randomId: string, part: FormattedText, where: Place): Promise<number | undefined> => {
    const wasSaid = (await sent.get(randomId))?.isFinal;
    const id = await say(randomId, part, where);
    if (left > 0 && !wasSaid)
      throw new PortError('rate-limited', `parts that follow: ${left}`, { retryable: true, retryAfterMs: partIntervalMs, scope: 'chat' });
    return id;
  };

  const send = async (message: Outgoing): Promise<number | undefined> => {
    const randomId = randomIdOf(message.deliveryKey);
    const place = placeOf(message);
    const answer = toTelegramAnswer(message.text);
    if (answer.kind === 'file') {
      // A draft is a message of text, and can't become a file: it says how the answer begins, and the file follows.
      const draft = await sent.get(randomId);
      if (!draft || draft.isFinal) return say(randomId, answer.caption, place, answer.file);
      await say(derivedRandomId(randomId, 'file'), NO_CAPTION, place, answer.file);
      return say(randomId, answer.caption, place);
    }
    const [first = NOTHING, ...others] = answer.parts;
    const id = await sayPart(others.length, randomId, first, place);
    const behind = { chat: place.chat, ...present({ after: id, movedFrom: place.movedFrom }) };
    for (const [at, part] of others.entries()) await sayPart(others.length - at - 1, derivedRandomId(randomId, at + 1), part, behind);
    return id;
  };

  const showDraft = async ({ chatId, text, replyTo, deliveryKey }: GrowingAnswer): Promise<void> => {
    const randomId = randomIdOf(deliveryKey);
    const chat = nativeChat(chatId);
    if (closing.has(randomId)) return;
    const known = await sent.get(randomId);
    if (known?.isFinal || (known && known.chatId !== chat.room)) return;
    const answer = toTelegramAnswer(text);
    const content = answer.kind === 'file' ? answer.caption : (answer.parts[0] ?? NOTHING);
    if (known?.messageId !== undefined) {
      await posting.edit(chat.room, known.messageId, content);
      return;
    }
    if (content === NOTHING) return;
    // Remembered before it is sent: whoever sends the answer must know that a draft may be there, and what it replies
    // to.
    const repliesTo = present({ replyTo: known?.replyTo ?? (replyTo && messageNumberOf(replyTo)) });
    const draft = { chatId: chat.room, ...repliesTo };
    await sent.remember(randomId, { ...draft, isFinal: false });
    const messageId = await posting.post({ chat, ...repliesTo, content, randomId });
    if (messageId !== undefined) await sent.remember(randomId, { ...draft, messageId, isFinal: false });
  };

  /** A draft that no answer will follow. */
  const withdraw = async (chatId: ChatId, deliveryKey: string): Promise<void> => {
    const room = markedIdOf(chatId);
    const known = await sent.get(randomIdOf(deliveryKey));
    if (known && !known.isFinal && known.chatId === room && known.messageId !== undefined) await remove(room, [known.messageId]);
  };

  const close = (deliveryKey: string): void => {
    closing.add(randomIdOf(deliveryKey));
    const [oldest] = closing;
    if (closing.size > CLOSING && oldest !== undefined) closing.delete(oldest);
  };

  const mapped = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw portErrorOf(error);
    }
  };

  return {
    send: (message) => {
      close(message.deliveryKey);
      return lanes.run(message.chatId, () =>
        mapped(async () => {
          const id = await send(message);
          return id === undefined ? undefined : telegramMessageId(id);
        }),
      );
    },
    showDraft: (draft) => lanes.run(draft.chatId, () => mapped(() => showDraft(draft))),
    withdraw: (chatId: ChatId, deliveryKey: string) => {
      close(deliveryKey);
      return lanes.run(chatId, () => mapped(() => withdraw(chatId, deliveryKey)));
    },
    showTyping: (chatId: ChatId) =>
      mapped(async () => {
        await call(new Api.messages.SetTyping({ peer: peers.inputPeer(markedIdOf(chatId)), action: new Api.SendMessageTypingAction() }));
      }),
    edit: async (chatId: ChatId, messageId: MessageId, text: string) => {
      const answer = toTelegramAnswer(text);
      const [content, ...more] = answer.kind === 'file' ? [] : answer.parts;
      if (!content || more.length > 0) return false;
      return lanes.run(chatId, () => mapped(() => posting.edit(markedIdOf(chatId), messageNumberOf(messageId), content)));
    },
    acknowledge: (chatId: ChatId, messageId: MessageId) => mapped(() => react(markedIdOf(chatId), messageNumberOf(messageId))),
  };
};
