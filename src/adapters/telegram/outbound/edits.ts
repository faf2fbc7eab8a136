import { Api } from 'telegram/tl/index.js';
import { type Clock, isPortError, type Notice, reasonOf } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import { telegramChatId, telegramMessageId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import { withinTime } from '../client/within-time.ts';
import type { FormattedText } from '../format/formatted-text.ts';

/**
 * Edits a message of a room (by its marked id). Resolves to false where the message is not there, or may be edited no
 * more. Rejects with Telegram's own errors.
 */
export type Edit = (room: number, id: number, content: FormattedText) => Promise<boolean>;

/** What is not executed by then is not executed any more. */
const OVERDUE_MS = 10 * 60_000;
const UNEDITABLE = /^(MESSAGE_ID_INVALID|MESSAGE_EDIT_TIME_EXPIRED|MESSAGE_AUTHOR_REQUIRED|MESSAGE_EMPTY_FOR_EDIT)$/;

/**
 * Makes messages say something else. An edit that is not waited for any longer may still be executed, after one that
 * was made since: once it has ended, the message is made to say again what it was to say last.
 */
export const makeEdit = ({
  call,
  peers,
  onUpdates,
  clock,
  timeoutMs,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly notice: Notice;
}): Edit => {
  /** What messages are to say in the end, while any edit of them has not ended. */
  const underWay = new Map<string, { newest: FormattedText; calls: number }>();

  const begin = async (room: number, id: number, content: FormattedText, isOverdue: () => boolean): Promise<void> => {
    const key = `${room}/${id}`;
    const message = underWay.get(key) ?? { newest: content, calls: 0 };
    underWay.set(key, message);
    message.newest = content;
    message.calls++;
    try {
      const { text, entities } = content;
      const request = new Api.messages.EditMessage({
        peer: peers.inputPeer(room),
        id,
        message: text,
        entities: [...entities],
        noWebpage: true,
      });
      onUpdates(await call(request, OVERDUE_MS));
    } finally {
      if (--message.calls === 0) underWay.delete(key);
      if (isOverdue() && message.newest !== content)
        edit(room, id, message.newest).catch((error: unknown) =>
          notice('late-edit', { chatId: telegramChatId(room), messageId: telegramMessageId(id), reason: reasonOf(error) }),
        );
    }
  };

  const edit: Edit = async (room, id, content) => {
    let isOverdue = false;
    try {
      await withinTime(
        clock,
        timeoutMs,
        'messages.EditMessage',
        begin(room, id, content, () => isOverdue),
      );
      return true;
    } catch (error) {
      isOverdue = isPortError(error) && error.code === 'timeout';
      const name = rpcErrorOf(error) ?? '';
      if (name === 'MESSAGE_NOT_MODIFIED') return true;
      if (UNEDITABLE.test(name)) return false;
      throw error;
    }
  };
  return edit;
};
