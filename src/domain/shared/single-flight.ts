/**
 * Calls that come while one goes on share what that one finds: what hangs is not begun a second time, and holds one
 * thread, not one for each who asks.
 */
export const singleFlight = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let current: Promise<T> | undefined;
  return () => {
    current ??= ask().finally(() => {
      current = undefined;
    });
    return current;
  };
};
