import { sameMoment } from './same-moment.ts';

/**
 * Hands items to `call` in groups, one call at a time: items that arrive while a call is under way share the next one.
 * `admit` says which of the waiting items the next call takes; by default all of them. `call` MUST NOT reject.
 */
export const makeSharedCalls = <Item>(
  call: (items: readonly Item[]) => Promise<void>,
  admit: (waiting: readonly Item[]) => readonly Item[] = (waiting) => waiting,
): ((item: Item) => void) => {
  let waiting: Item[] = [];
  let isCalling = false;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      await sameMoment();
      const next = new Set(admit(waiting));
      waiting = waiting.filter((item) => !next.has(item));
      await call([...next]);
    }
    isCalling = false;
  };

  return (item) => {
    waiting.push(item);
    if (isCalling) return;
    isCalling = true;
    void drain();
  };
};
