import type { ChatId } from '../../domain/message/ids.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MessageStore } from '../../ports/message-store.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import type { AnswerChat } from './answer-chat.ts';

export interface ChatAnswerer {
  start(): void;
  /** Begins no turn, gives running ones `graceMs`, then aborts them: their messages wait for the next start. */
  stop(graceMs: number): Promise<void>;
}

/** The wait after a turn that could not be committed: from one second, doubling, to a minute. */
const backoffMs = (failures: number): number => Math.min(60_000, 1_000 * 2 ** (failures - 1));

/** Answers every chat in which messages wait: one turn at a time within a chat, `maxChats` chats side by side. */
export const makeChatAnswerer = (deps: {
  readonly messages: MessageStore;
  readonly answerChat: AnswerChat;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxChats: number;
}): ChatAnswerer => {
  const { clock, logger } = deps;
  const turns = new Map<ChatId, Promise<void>>();
  const failures = new Map<ChatId, { readonly count: number; readonly until: number }>();
  const aborter = new AbortController();

  const look = async (): Promise<number | undefined> => {
    const rests: number[] = [];
    for (const chatId of await deps.messages.chatsWithOpen()) {
      if (turns.size >= deps.maxChats) break;
      if (turns.has(chatId)) continue;
      const until = failures.get(chatId)?.until ?? 0;
      if (until > clock.now()) rests.push(until);
      else turns.set(chatId, turn(chatId));
    }
    return rests.length > 0 ? Math.min(...rests) : undefined;
  };

  const turn = async (chatId: ChatId): Promise<void> => {
    try {
      await deps.answerChat(chatId, aborter.signal);
      failures.delete(chatId);
    } catch (error) {
      if (aborter.signal.aborted) return;
      const count = (failures.get(chatId)?.count ?? 0) + 1;
      failures.set(chatId, { count, until: clock.now() + backoffMs(count) });
      logger.error(
        { chatId, failures: count, reason: reasonOf(error), error },
        'a turn could not be committed; its messages wait, and it is tried again',
      );
    } finally {
      turns.delete(chatId);
      loop.nudge();
    }
  };

  const loop: Loop = makeLoop({ clock, changes: deps.changes, logger, look });

  return {
    start: () => loop.start(),
    async stop(graceMs) {
      await loop.stop();
      const cancelGrace = clock.after(graceMs, () => aborter.abort());
      await Promise.all(turns.values());
      cancelGrace();
    },
  };
};
