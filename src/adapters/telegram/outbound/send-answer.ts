import { present } from '../../../domain/shared/present.ts';
import { type Notice, type OutgoingMessage, PortError, reasonOf } from '../../../ports/index.ts';
import type { DeleteMessages } from '../client/delete-messages.ts';
import { rpcErrorOf } from '../client/errors.ts';
import { bareChannelId, isChannelId, markedIdOf, messageNumberOf, type NativeChat, nativeChat, telegramChatId } from '../client/ids.ts';
import { toTelegramAnswer } from '../format/answer.ts';
import type { FormattedText } from '../format/formatted-text.ts';
import { isThreadRefused, type Post } from './post.ts';
import { derivedRandomId, randomIdOf } from './random-ids.ts';
import { NOTHING, type Place, type Say } from './say.ts';
import type { SentMessages, SentRecord, ThreadEnd } from './sent-messages.ts';

const NO_CAPTION: FormattedText = { text: '', entities: [] };

export type Outgoing = OutgoingMessage & Pick<Post, 'silent'>;

const placeOf = ({ chatId, replyTo, silent, buttons, movedFrom }: Outgoing): Place => ({
  chat: nativeChat(chatId),
  ...present({ replyTo: replyTo && messageNumberOf(replyTo), silent, buttons, movedFrom: movedFrom && markedIdOf(movedFrom) }),
});

/** The first line of what is said in General, because its thread takes no messages. */
const whereItBelongs = ({ room, thread }: NativeChat, end: ThreadEnd): string => {
  if (end === 'gone') return '(This belongs in a topic or thread that is no longer there.)';
  return `(This belongs in a topic that is closed${isChannelId(room) ? `: https://t.me/c/${bareChannelId(room)}/${thread}` : ''}.)`;
};

/**
 * Sends one answer, in as many messages as it takes, and resolves to the number of the first. Where its thread takes no
 * messages any more, all of it goes once to General, with a first line that says where it belongs.
 */
export const makeSendAnswer = ({
  sent,
  say,
  remove,
  partIntervalMs,
  notice,
}: {
  readonly sent: SentMessages;
  readonly say: Say;
  readonly remove: DeleteMessages;
  /** The shortest time between two parts of one message. */
  readonly partIntervalMs: number;
  readonly notice: Notice;
}): ((message: Outgoing) => Promise<number | undefined>) => {
  /** Each part is a send of its own to Telegram's rates: what follows one has to be admitted first. */
  const sayPart = async (left: number, randomId: string, part: FormattedText, where: Place): Promise<number | undefined> => {
    const wasSaid = (await sent.get(randomId))?.isFinal;
    const id = await say(randomId, part, where);
    if (left > 0 && !wasSaid)
      throw new PortError('rate-limited', `parts that follow: ${left}`, { retryable: true, retryAfterMs: partIntervalMs, scope: 'chat' });
    return id;
  };

  const sayAll = async (randomId: string, text: string, place: Place): Promise<number | undefined> => {
    const answer = toTelegramAnswer(text);
    if (answer.kind === 'file') {
      // A draft is a message of text, and can't become a file: it says how the answer begins, and the file follows.
      const draft = await sent.get(randomId);
      if (!draft || draft.isFinal) return say(randomId, answer.caption, place, answer.file);
      const { buttons: _, ...bare } = place;
      await say(derivedRandomId(randomId, 'file'), NO_CAPTION, bare, answer.file);
      return say(randomId, answer.caption, place);
    }
    const [first = NOTHING, ...others] = answer.parts;
    const id = await sayPart(others.length, randomId, first, place);
    const behind = { chat: place.chat, ...present({ after: id, movedFrom: place.movedFrom }) };
    for (const [at, part] of others.entries()) await sayPart(others.length - at - 1, derivedRandomId(randomId, at + 1), part, behind);
    return id;
  };

  /** What of the answer stands in its thread already: nobody reads half of it there, and all of it in General. */
  const takeBack = async (randomId: string, { room }: NativeChat): Promise<void> => {
    const ids: number[] = [];
    const collect = async (id: string): Promise<SentRecord | undefined> => {
      const record = await sent.get(id);
      const message = record?.messageId ?? sent.messageOf(id);
      if (message !== undefined) ids.push(message);
      return record;
    };
    await collect(randomId);
    await collect(derivedRandomId(randomId, 'file'));
    for (let part = 1; await collect(derivedRandomId(randomId, part)); part++);
    if (ids.length === 0) return;
    try {
      await remove(room, ids);
    } catch (error) {
      notice('thread-part-not-removed', { chatId: telegramChatId(room), messages: ids.length, reason: reasonOf(error) });
    }
  };

  const sayInGeneral = async (randomId: string, end: ThreadEnd, { text }: Outgoing, place: Place): Promise<number | undefined> => {
    const { chat, silent, buttons } = place;
    const general = derivedRandomId(randomId, 'general');
    if (!(await sent.get(general))) await takeBack(randomId, chat);
    return sayAll(general, `${whereItBelongs(chat, end)}\n\n${text}`, { chat: { room: chat.room }, ...present({ silent, buttons }) });
  };

  return async (message) => {
    const randomId = randomIdOf(message.deliveryKey);
    const place = placeOf(message);
    const known = await sent.get(randomId);
    if (known?.inGeneral) return sayInGeneral(randomId, known.inGeneral, message, place);
    try {
      return await sayAll(randomId, message.text, place);
    } catch (error) {
      if (place.chat.thread === undefined || !isThreadRefused(error)) throw error;
      const reason = rpcErrorOf(error);
      const inGeneral = reason === 'TOPIC_CLOSED' ? 'closed' : 'gone';
      notice('thread-refused', { chatId: message.chatId, reason });
      // Stored before anything is said in General: no repeat goes back to the thread, should it take messages again.
      const { messageId } = (await sent.get(randomId)) ?? {};
      await sent.remember(randomId, { chatId: place.chat.room, ...present({ messageId }), isFinal: false, inGeneral });
      return sayInGeneral(randomId, inGeneral, message, place);
    }
  };
};
