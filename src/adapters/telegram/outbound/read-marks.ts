import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { type ChatId, roomOf } from '../../../domain/index.ts';
import { type Clock, type Notice, reasonOf } from '../../../ports/index.ts';
import { portErrorOf } from '../client/errors.ts';
import { isChannelId, nativeChat } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';

export interface ReadMarks {
  /**
   * Marks the chat as read up to that message, soon; a thread of a supergroup by itself. Best effort: a failure other
   * than a wait is not repeated.
   */
  note(chatId: ChatId, message: number): void;
  stop(): void;
}

/** A mark waits so long for further messages: many of them are marked by one call. */
const GATHER_MS = 5_000;

/** Shows people that a person's account has read what it answers; Telegram shows nobody what a bot has read. */
export const makeReadMarks = ({
  call,
  peers,
  onUpdates,
  clock,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  /** Outside of supergroups a mark has its number in the account's stream, and Telegram does not tell the caller. */
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly clock: Clock;
  readonly notice: Notice;
}): ReadMarks => {
  const newest = new Map<ChatId, number>();
  let cancel: (() => void) | undefined;
  let marking = false;

  const remember = (chatId: ChatId, message: number): void => {
    newest.set(chatId, Math.max(message, newest.get(chatId) ?? 0));
  };

  const mark = async (chatId: ChatId, maxId: number): Promise<void> => {
    const { room, thread } = nativeChat(chatId);
    if (isChannelId(room) && thread !== undefined) {
      await call(new Api.messages.ReadDiscussion({ peer: peers.inputPeer(room), msgId: thread, readMaxId: maxId }));
      return;
    }
    if (isChannelId(room)) {
      await call(new Api.channels.ReadHistory({ channel: peers.inputChannel(room), maxId }));
      return;
    }
    const { pts, ptsCount } = await call(new Api.messages.ReadHistory({ peer: peers.inputPeer(room), maxId }));
    const bareId = returnBigInt(Math.abs(room));
    const peer = room > 0 ? new Api.PeerUser({ userId: bareId }) : new Api.PeerChat({ chatId: bareId });
    const update = new Api.UpdateReadHistoryInbox({ peer, maxId, stillUnreadCount: 0, pts, ptsCount });
    onUpdates(new Api.UpdateShort({ update, date: 0 }));
  };

  /** One call at a time. Asked to wait, it leaves this one and all others for later. */
  const markAll = async (): Promise<void> => {
    cancel = undefined;
    marking = true;
    let waitMs = GATHER_MS;
    for (const [chatId, maxId] of newest) {
      newest.delete(chatId);
      try {
        await mark(chatId, maxId);
      } catch (error) {
        const { code, retryAfterMs } = portErrorOf(error);
        notice('read-mark-failed', { chatId, reason: reasonOf(error) });
        if (code !== 'rate-limited') continue;
        remember(chatId, maxId);
        waitMs = retryAfterMs ?? waitMs;
        break;
      }
    }
    marking = false;
    if (newest.size > 0) later(waitMs);
  };

  const later = (waitMs: number): void => {
    if (!marking) cancel ??= clock.after(waitMs, () => void markAll());
  };

  return {
    note: (chatId, message) => {
      // Threads of a direct chat are marked together: their messages have one row of numbers.
      remember(isChannelId(nativeChat(chatId).room) ? chatId : roomOf(chatId), message);
      later(GATHER_MS);
    },
    stop: () => {
      cancel?.();
      newest.clear();
    },
  };
};
