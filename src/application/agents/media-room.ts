/** Room in memory for the files that are shown to models at one time. */
export interface MediaRoom {
  /**
   * Waits until there is room for so many bytes, first come, first served, and takes it until `ended` aborts. Rejects,
   * and takes none, when `signal` aborts before that.
   */
  take(bytes: number, until: { readonly ended: AbortSignal; readonly signal: AbortSignal }): Promise<void>;
}

/** What is larger than the whole room takes all of it. */
export const makeMediaRoom = (maxBytes: number): MediaRoom => {
  let taken = 0;
  let waiting: readonly { readonly bytes: number; readonly enter: () => void }[] = [];

  const enter = (): void => {
    for (let [first] = waiting; first && taken + first.bytes <= maxBytes; [first] = waiting) {
      waiting = waiting.slice(1);
      taken += first.bytes;
      first.enter();
    }
  };

  return {
    async take(wanted, { ended, signal }) {
      signal.throwIfAborted();
      const bytes = Math.min(wanted, maxBytes);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const leave = (): void => {
        taken -= bytes;
        enter();
      };
      const guest = {
        bytes,
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
          // Room of a turn that has ended meanwhile would never be given back.
          if (ended.aborted) leave();
          else ended.addEventListener('abort', leave, { once: true });
        },
      };
      const giveUp = (): void => {
        waiting = waiting.filter((each) => each !== guest);
        reject(signal.reason);
        enter();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting = [...waiting, guest];
      enter();
      await promise;
    },
  };
};
