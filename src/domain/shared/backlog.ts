/** Holds what comes, and hands it on later. */
export interface Backlog<Item> {
  /** Takes one more. Where there are too many, all are handed on. */
  add(item: Item): void;
  /**
   * Hands on what is held, in the order in which it came. Where that throws, the item is left out, and the rest stays
   * held.
   */
  handOn(): void;
}

/** Few enough that they take little memory, and no noticeable time at once. */
export const MAX_HELD = 256;

/**
 * For work that nobody waits for, in the middle of work that somebody waits for: done in a row, each piece takes a
 * fraction of the processor time, since code and data are at hand.
 */
export const makeBacklog = <Item>(take: (item: Item) => void, maxHeld: number = MAX_HELD): Backlog<Item> => {
  let held: Item[] = [];
  const handOn = (): void => {
    const batch = held;
    held = [];
    let taken = 0;
    try {
      for (const item of batch) {
        taken++;
        take(item);
      }
    } finally {
      // What came meanwhile is behind what a throw has left.
      if (taken < batch.length) held.unshift(...batch.slice(taken));
    }
  };
  return {
    add: (item) => {
      if (held.push(item) >= maxHeld) handOn();
    },
    handOn,
  };
};
