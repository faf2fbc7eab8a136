import type { Clock } from '../../ports/clock.ts';

/** How long a window is: at its end, what was only counted in it is told. */
const WINDOW_MS = 30_000;
/** So many different keys are told apart; further ones are only counted, all together. */
const MAX_KEYS = 500;

interface Window {
  told: number;
  counted: number;
}

/**
 * Lets the first `most` of each key through, and counts what follows until the window of that key ends; `more` is then
 * told the number, and the next window begins with counting. A window in which nothing was counted is forgotten. The
 * key is undefined for what is beyond so many different keys that they can't be told apart.
 */
export const makeFloodThrottle = <Key extends string>(
  clock: Pick<Clock, 'after'>,
  { most, more }: { readonly most: number; readonly more: (key: Key | undefined, count: number, seconds: number) => void },
): ((key: Key) => boolean) => {
  const windows = new Map<Key | undefined, Window>();

  const open = (key: Key | undefined, told: number): Window => {
    const window = { told, counted: 0 };
    windows.set(key, window);
    clock.after(WINDOW_MS, () => close(key, window));
    return window;
  };
  const close = (key: Key | undefined, { counted }: Window): void => {
    windows.delete(key);
    if (counted === 0) return;
    more(key, counted, WINDOW_MS / 1_000);
    open(key, most);
  };

  return (key) => {
    const window = windows.get(key) ?? (windows.size < MAX_KEYS ? open(key, 0) : (windows.get(undefined) ?? open(undefined, most)));
    if (window.told < most) {
      window.told++;
      return true;
    }
    window.counted++;
    return false;
  };
};
