import type { Clock } from '../../ports/clock.ts';

/** How long a window is: at its end, the number of suppressed lines is written. */
const WINDOW_MS = 30_000;
/** So many different keys have windows of their own; further ones share one. */
const MAX_KEYS = 500;

/** Of one key. */
interface Window {
  openedAt: number;
  written: number;
  suppressed: number;
}

export interface FloodThrottle<Key> {
  /** Whether the next line of that key may be written; else it is counted. */
  passes(key: Key): boolean;
  /** Tells the numbers so far. The windows go on. */
  flush(): void;
}

/**
 * Lets the first `maxLines` of each key through, and counts what follows until the window of that key ends;
 * `onSuppressed` then gets the number. The next window lets as many fewer through as this one suppressed, and
 * `minLines` at least. A window in which nothing was suppressed is forgotten. The key is undefined for what is beyond
 * so many different keys that they share a window, which only counts.
 */
export const makeFloodThrottle = <Key extends string>(
  clock: Pick<Clock, 'after' | 'now'>,
  options: {
    readonly maxLines: number;
    /** So many lines of each window are written, however long the flood lasts. Default: none. */
    readonly minLines?: number;
    readonly onSuppressed: (key: Key | undefined, count: number, seconds: number) => void;
  },
): FloodThrottle<Key> => {
  const { maxLines, minLines = 0, onSuppressed } = options;
  const windows = new Map<Key | undefined, Window>();

  const open = (key: Key | undefined, written: number): Window => {
    const window = { openedAt: clock.now(), written, suppressed: 0 };
    windows.set(key, window);
    clock.after(WINDOW_MS, () => close(key, window));
    return window;
  };
  const report = (key: Key | undefined, window: Window): void => {
    const { openedAt, suppressed } = window;
    if (suppressed === 0) return;
    const now = clock.now();
    window.suppressed = 0;
    window.openedAt = now;
    onSuppressed(key, suppressed, Math.max(1, Math.round((now - openedAt) / 1_000)));
  };
  const close = (key: Key | undefined, window: Window): void => {
    windows.delete(key);
    const { suppressed } = window;
    if (suppressed === 0) return;
    report(key, window);
    open(key, key === undefined ? maxLines : Math.min(suppressed, maxLines - minLines));
  };

  return {
    passes: (key) => {
      const window = windows.get(key) ?? (windows.size < MAX_KEYS ? open(key, 0) : (windows.get(undefined) ?? open(undefined, maxLines)));
      if (window.written < maxLines) {
        window.written++;
        return true;
      }
      window.suppressed++;
      return false;
    },
    flush: () => {
      for (const [key, window] of windows) report(key, window);
    },
  };
};
