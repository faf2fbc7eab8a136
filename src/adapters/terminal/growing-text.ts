import { stripControl } from './strip-control.ts';

/** Shows a text while it grows, by adding to what was written: nothing is ever taken back. */
export interface GrowingText {
  /** `text` gives all of it so far; it is called a few times a second. */
  grow(text: () => string): void;
  /** Something else is written in between: the text goes on in a line of its own. */
  pause(): void;
  /** The text as it has become, with a line end. */
  end(text: string): void;
}

const REDRAW_MS = 50;

/**
 * Writes a growing text to a terminal. A text that begins again stands in a line of its own below what was shown; so
 * does a final text that is not what was shown.
 */
export const makeGrowingText = (write: (text: string) => void, now: () => number = () => performance.now()): GrowingText => {
  let shown = '';
  let isInLine = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const put = (text: string): void => {
    if (text === '') return;
    write(text);
    isInLine = !text.endsWith('\n');
  };
  const newLine = (): void => {
    if (isInLine) put('\n');
  };
  const show = (text: string): void => {
    const clean = stripControl(text);
    if (clean.startsWith(shown)) put(clean.slice(shown.length));
    else {
      newLine();
      put(clean);
    }
    shown = clean;
  };
  return {
    grow: (text) => {
      if (now() - drawnAt < REDRAW_MS) return;
      drawnAt = now();
      show(text());
    },
    pause: newLine,
    end: (text) => {
      const clean = stripControl(text);
      // Shown texts may end in spaces that the final one has not.
      if (shown !== '' && clean.startsWith(shown.trimEnd())) put(clean.slice(shown.trimEnd().length));
      else show(text);
      newLine();
    },
  };
};
