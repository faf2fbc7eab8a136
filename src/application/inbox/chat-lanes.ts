import type { ChatId } from '../../domain/chat/ids.ts';

export interface ChatLanes {
  /** Runs `work` behind all work that this chat was given before. */
  run<T>(chatId: ChatId, work: () => Promise<T>): Promise<T>;
  /** Runs `work` behind all work that such chats have now. Work that they are given later does not wait for it. */
  runBehind<T>(isSuch: (chatId: ChatId) => boolean, work: () => Promise<T>): Promise<T>;
}

/**
 * Runs the work of each chat in the order in which it was given, and chats side by side. Failed work holds up nothing.
 */
export const makeChatLanes = (): ChatLanes => {
  /** When the last work of a chat settles. */
  const ends = new Map<ChatId, Promise<void>>();
  return {
    run: (chatId, work) => {
      const before = ends.get(chatId);
      const mine = before ? before.then(work) : work();
      const leave = (): void => {
        if (ends.get(chatId) === settled) ends.delete(chatId);
      };
      const settled: Promise<void> = mine.then(leave, leave);
      ends.set(chatId, settled);
      return mine;
    },
    runBehind: async (isSuch, work) => {
      await Promise.all([...ends].flatMap(([chatId, settled]) => (isSuch(chatId) ? [settled] : [])));
      return work();
    },
  };
};
