/** Runs what concerns one thing one after the other, and things side by side. A failure holds up nothing behind it. */
export const makeLanes = <Key>() => {
  const lanes = new Map<Key, Promise<unknown>>();
  return {
    run: <T>(key: Key, work: () => Promise<T>): Promise<T> => {
      const before = lanes.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      lanes.set(key, mine);
      const leave = (): void => {
        if (lanes.get(key) === mine) lanes.delete(key);
      };
      mine.then(leave, leave);
      return mine;
    },
    /** Resolves when all has ended, well or not, that runs or waits now in lanes of that kind. */
    untilDone: async (isOfKind: (key: Key) => boolean): Promise<void> => {
      await Promise.allSettled([...lanes].flatMap(([key, end]) => (isOfKind(key) ? [end] : [])));
    },
  };
};
