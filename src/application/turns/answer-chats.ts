import type { ChatId } from '../../domain/chat/ids.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';
import { makeBackoffs } from '../loops/backoff.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import type { AnswerChat } from './answer-chat.ts';

export interface ChatAnswerer {
  start(): void;
  /**
   * Begins no further turn. Running turns have `graceMs`, or until `hurried` aborts; then they are aborted, and their
   * messages wait for the next start.
   */
  stop(graceMs: number, hurried?: AbortSignal): Promise<void>;
  /** The number of chats that are answered now. */
  running(): number;
  /** What waits in that chat can be answered now. */
  wake(chatId: ChatId): void;
}

/** A chat that waits for a file is looked at again after this time: a `/stop` may have come. */
const INCOMPLETE_MS = 1_000;

/** Answers every chat in which messages wait: `maxChats` chats side by side, one turn at a time in each. */
export const makeChatAnswerer = (deps: {
  readonly messages: MessageStore;
  readonly answerChat: AnswerChat;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  readonly maxChats: number;
  readonly moved?: Pick<MovedChats, 'home'>;
}): ChatAnswerer => {
  const { clock, events, moved = NONE_MOVED } = deps;
  const turns = new Map<ChatId, Promise<void>>();
  const backoffs = makeBackoffs<ChatId>(clock);
  /** Chats whose next message is not complete: until when they are left alone, unless they are woken. */
  const incomplete = new Map<ChatId, number>();
  const aborter = new AbortController();

  const poll = async (): Promise<number | undefined> => {
    const ends: number[] = [];
    const waiting = await deps.messages.chatsWithOpen();
    // A turn may have begun under an earlier id of its chat.
    const busy = new Set([...turns.keys()].map(moved.home));
    for (const chatId of new Set(waiting.map(moved.home))) {
      if (turns.size >= deps.maxChats) break;
      if (busy.has(chatId)) continue;
      const until = backoffs.until(chatId) ?? incompleteUntil(chatId);
      if (until === undefined) turns.set(chatId, turn(chatId));
      else ends.push(until);
    }
    return ends.length > 0 ? Math.min(...ends) : undefined;
  };

  const incompleteUntil = (chatId: ChatId): number | undefined => {
    const until = incomplete.get(chatId);
    if (until !== undefined && until > clock.now()) return until;
    incomplete.delete(chatId);
    return undefined;
  };

  const turn = async (chatId: ChatId): Promise<void> => {
    try {
      if (await deps.answerChat(chatId, aborter.signal)) incomplete.delete(chatId);
      else incomplete.set(chatId, clock.now() + INCOMPLETE_MS);
      backoffs.succeeded(chatId);
    } catch (error) {
      if (aborter.signal.aborted) return;
      events.emit({
        type: 'turn-not-committed',
        chatId,
        failures: backoffs.failed(chatId),
        reason: reasonOf(error),
        error,
      });
    } finally {
      turns.delete(chatId);
      loop.wake();
    }
  };

  const loop: Loop = makeLoop({ name: 'turns', clock, changes: deps.changes, events, poll });

  return {
    start: () => loop.start(),
    running: () => turns.size,
    wake: (chatId) => {
      incomplete.delete(moved.home(chatId));
      loop.wake();
    },
    async stop(graceMs, hurried) {
      await loop.stop();
      const abort = (): void => aborter.abort();
      const cancelGrace = clock.after(hurried?.aborted ? 0 : graceMs, abort);
      hurried?.addEventListener('abort', abort, { once: true });
      await Promise.all(turns.values());
      cancelGrace();
      hurried?.removeEventListener('abort', abort);
    },
  };
};
