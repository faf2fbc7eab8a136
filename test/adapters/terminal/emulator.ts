import { PassThrough } from 'node:stream';

/**
 * A terminal of `columns` × `rows` as a pair of streams: enough of one (wrapping, scrolling, cursor moves, erasing) to
 * say what a person would see. Whatever else is sent to it fails the test, because it would do something to a real one.
 */
export const makeTerminal = (columns = 60, rows = 20) => {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
  const grid: string[][] = [[]];
  const unexpected: string[] = [];
  let row = 0;
  let column = 0;
  let wake = (): void => undefined;

  const top = (): number => Math.max(0, grid.length - rows);
  const moveTo = (nextRow: number, nextColumn: number): void => {
    row = nextRow;
    column = nextColumn;
    while (grid.length <= row) grid.push([]);
  };
  const put = (character: string): void => {
    const width = isWide(character) ? 2 : 1;
    if (column + width > columns) moveTo(row + 1, 0);
    const line = grid[row] as string[];
    while (line.length < column) line.push(' ');
    line.splice(column, width, character, ...(width === 2 ? [''] : []));
    column += width;
  };
  const obey = (amount: string, command: string): void => {
    const by = Number(amount || 1);
    if (command === 'A') moveTo(Math.max(top(), row - by), column);
    else if (command === 'B') moveTo(row + by, column);
    else if (command === 'C') column = Math.min(columns - 1, column + by);
    else if (command === 'D') column = Math.max(0, column - by);
    else if (command === 'G') column = by - 1;
    else if (command === 'J' && amount === '0') {
      grid.length = row + 1;
      (grid[row] as string[]).length = Math.min(column, (grid[row] as string[]).length);
    } else if (command === 'K' && amount === '0') (grid[row] as string[]).length = Math.min(column, (grid[row] as string[]).length);
    else if (command !== 'm') unexpected.push(`${amount}${command}`);
  };
  const write = (text: string): void => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is made of them
    for (const [whole, paste, amount, command] of text.matchAll(/\x1b\[\?2004([hl])|\x1b\[(\d*)([A-Za-z])|./gsu)) {
      if (paste) continue;
      if (command) obey(amount ?? '', command);
      else if (whole === '\n') moveTo(row + 1, 0);
      else if (whole === '\r') column = 0;
      else if (whole < ' ' || (whole >= '\x7f' && whole < '\xa0')) unexpected.push(JSON.stringify(whole));
      else put(whole);
    }
  };
  output.on('data', (chunk: Buffer) => {
    write(chunk.toString('utf8'));
    wake();
  });

  const lines = (): string[] => grid.map((line) => line.join('').trimEnd());
  const text = (): string => lines().join('\n').trimEnd();
  return {
    input,
    output,
    /** What was sent that no chat has a reason to send. */
    unexpected,
    /** Everything that was ever above, and on, the screen. */
    text,
    type: (keys: string): void => void input.write(keys),
    /** The column that the cursor is at, and the line it is on. */
    cursor: () => ({ column, line: lines()[row] ?? '' }),
    /** Waits until the screen looks like that. */
    shows: async (fits: string | ((text: string) => boolean)): Promise<void> => {
      const isFit = typeof fits === 'string' ? (seen: string) => seen.includes(fits) : fits;
      while (!isFit(text()))
        await new Promise<void>((resolve, reject) => {
          const late = setTimeout(() => reject(new Error(`never on the screen: ${fits}\n---\n${text()}\n---`)), 4_000);
          wake = () => {
            clearTimeout(late);
            resolve();
          };
        });
    },
  };
};

export const KEYS = {
  enter: '\r',
  up: '\x1b[A',
  left: '\x1b[D',
  ctrlC: '\x03',
  ctrlD: '\x04',
  pasteStart: '\x1b[200~',
  pasteEnd: '\x1b[201~',
};

const isWide = (character: string): boolean =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff01-\uff60]|\p{Emoji_Presentation}/u.test(character);
