import { present } from '../../../domain/shared/present.ts';
import type { NativeChat } from '../client/ids.ts';
import type { AnswerFile } from '../format/answer.ts';
import type { FormattedText } from '../format/formatted-text.ts';
import { isThreadRefused, type Post, type Posting } from './post.ts';
import { derivedRandomId } from './random-ids.ts';
import type { SentMessages, SentRecord } from './sent-messages.ts';

/** Stands where there is nothing to see: Telegram takes no blank message. */
export const NOTHING: FormattedText = { text: '…', entities: [] };

/** Where a part of a message is to stand. `movedFrom`: the marked id of the group that has become this one. */
export type Place = Pick<Post, 'chat' | 'replyTo' | 'after' | 'silent' | 'buttons'> & { readonly movedFrom?: number };

/** Makes the message under `randomId` say `content`, whatever a draft has made of it before. Resolves to its number. */
export type Say = (randomId: string, content: FormattedText, place: Place, file?: AnswerFile) => Promise<number | undefined>;

/** Says one message, once, however often it is called with one random id. */
export const makeSay = ({ sent, posting }: { readonly sent: SentMessages; readonly posting: Posting }): Say => {
  /** What a thread refuses may be the repeat of a send that arrived before the thread was closed. */
  const postOnce = async (post: Post): Promise<number | undefined> => {
    try {
      return await posting.post(post);
    } catch (error) {
      const id = post.chat.thread !== undefined && isThreadRefused(error) ? await posting.arrived(post) : undefined;
      if (id === undefined) throw error;
      return id;
    }
  };

  /**
   * A draft may stand under this random id: what it says is not the answer. Resolves to undefined where the draft is
   * gone.
   */
  const overDraft = async (post: Post, { messageId, replyTo }: SentRecord): Promise<number | undefined> => {
    const id = messageId ?? (await postOnce({ ...post, ...present({ replyTo }) }));
    return id !== undefined && (await posting.edit(post.chat.room, id, post.content)) ? id : undefined;
  };

  const arrivedIn = async (chat: NativeChat, randomId: string, content: FormattedText): Promise<boolean> => {
    const id = await posting.arrived({ chat, randomId, content });
    if (id !== undefined) sent.conclude(randomId, chat.room, id);
    return id !== undefined;
  };

  return async (randomId, content, { chat, replyTo, after, silent, buttons, movedFrom }, file) => {
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
      ...present({ replyTo, after, silent, buttons, file }),
    };
    const id = known
      ? ((await overDraft(post, known)) ?? (await postOnce({ ...post, randomId: derivedRandomId(randomId, 'anew') })))
      : await postOnce(post);
    sent.conclude(randomId, chat.room, id);
    return id;
  };
};
