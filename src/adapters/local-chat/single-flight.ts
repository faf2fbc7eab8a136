/**
 * Runs `work` once at a time. A call during a run is served by one more run after it, so that what was there when the
 * caller called is always seen. `work` must not reject.
 */
export const makeSingleFlight = (work: () => Promise<void>): (() => Promise<void>) => {
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    current = work().finally(() => {
      current = undefined;
    });
    return current;
  };
  return () => {
    if (!current) return begin();
    next ??= current.then(() => {
      next = undefined;
      return current ?? begin();
    });
    return next;
  };
};
