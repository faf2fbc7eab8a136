import { clearScreenDown, createInterface, cursorTo, emitKeypressEvents, type Key, moveCursor } from 'node:readline';
import { clip } from './text-width.ts';

export type TerminalInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };
export type TerminalOutput = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** A terminal: the conversation grows downwards, below it are the status and the line being typed. */
export interface Screen {
  readonly width: () => number;
  readonly height: () => number;
  /** Adds to the conversation. The line being typed stays. */
  print(text: string): void;
  /** Shows the status until the next call. Lines are cut at the edge, and styled by `style`. */
  setStatus(lines: readonly string[], style: (line: string) => string): void;
  setPrompt(prompt: string): void;
  /** Takes away what was typed. */
  clearInput(): void;
  close(): void;
}

export interface ScreenEvents {
  /** Enter was pressed. `pasted`: it was part of a pasted text that may go on. */
  readonly onLine: (line: string, pasted: boolean) => void;
  /** Ctrl-C, with what was typed so far. */
  readonly onInterrupt: (line: string) => void;
  readonly onClose: () => void;
}

const PASTE_MARKS = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

/**
 * The status is kept in readline's own prompt, a prompt of several rows: so readline redraws it with the input line. It
 * is taken away before a line is sent, or it would stay behind in the conversation.
 */
export const makeScreen = (input: TerminalInput, output: TerminalOutput, events: ScreenEvents): Screen => {
  // Not by `createInterface` itself: that would write keys that come together straight to the terminal, and lose count
  // of the rows.
  emitKeypressEvents(input);
  const lines = createInterface({ input, output, terminal: true, historySize: 500, removeHistoryDuplicates: true });
  let prompt = '';
  let status: readonly string[] = [];
  let style = (line: string): string => line;
  let pasting = false;
  let closed = false;

  const width = (): number => output.columns || 80;
  const height = (): number => output.rows || 24;
  const draw = (shown = status): void => {
    if (closed) return;
    const rows = shown.map((line) => `${style(clip(line, width() - 1))}\n`);
    lines.setPrompt(`${rows.join('')}${prompt}`);
    lines.prompt(true);
  };

  const beforeKey = (_text: string | undefined, key: Key): void => {
    if (key.name === 'paste-start' || key.name === 'paste-end') pasting = key.name === 'paste-start';
    const endsLine = key.name === 'return' || key.name === 'enter' || (key.ctrl && key.name === 'd' && lines.line === '');
    if (endsLine && status.length > 0) draw([]);
  };
  input.prependListener('keypress', beforeKey);
  lines.on('line', (line) => {
    events.onLine(line, pasting);
    draw();
  });
  lines.on('SIGINT', () => events.onInterrupt(lines.line));
  lines.on('close', () => {
    input.removeListener('keypress', beforeKey);
    closed = true;
    output.write(`${PASTE_MARKS.off}\r\n`);
    events.onClose();
  });
  output.write(PASTE_MARKS.on);

  return {
    width,
    height,
    print: (text) => {
      if (closed) return void output.write(`${text}\n`);
      const { rows } = lines.getCursorPos();
      moveCursor(output, 0, -rows);
      cursorTo(output, 0);
      clearScreenDown(output);
      // readline goes up by as many rows as the cursor was below the first row of the prompt: this prints that many.
      output.write(`${text}\n${'\n'.repeat(rows)}`);
      draw();
    },
    setStatus: (next, nextStyle) => {
      if (closed || (next.length === status.length && next.every((line, at) => line === status[at]))) return;
      status = next;
      style = nextStyle;
      draw();
    },
    setPrompt: (next) => {
      prompt = next;
      draw();
    },
    clearInput: () => {
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
    },
    close: () => {
      if (closed) return;
      draw([]);
      lines.close();
    },
  };
};
