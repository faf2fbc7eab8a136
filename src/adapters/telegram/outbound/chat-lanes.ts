/** Runs what concerns one chat one after the other, and chats side by side. A failure holds up nothing behind it. */
export const makeChatLanes = () => {
  const lanes = new Map<number, Promise<unknown>>();
  return {
    run: <T>(chatId: number, work: () => Promise<T>): Promise<T> => {
      const before = lanes.get(chatId) ?? Promise.resolve();
      const mine = before.then(work, work);
      lanes.set(chatId, mine);
      const leave = (): void => {
        if (lanes.get(chatId) === mine) lanes.delete(chatId);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
};
