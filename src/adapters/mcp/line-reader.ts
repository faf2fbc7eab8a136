const LINE_FEED = 10;

/**
 * Cuts a stream of bytes into lines. Empty lines are dropped. A line longer than `most` bytes is not kept: `onTooLong`
 * is called once, and nothing more is read.
 */
export const lineReader = (
  most: number,
  { onLine, onTooLong }: { readonly onLine: (line: string) => void; readonly onTooLong: () => void },
): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = [];
  let length = 0;
  let isOver = false;
  return (chunk) => {
    for (let rest = chunk; !isOver && rest.length > 0; ) {
      const end = rest.indexOf(LINE_FEED);
      const part = end < 0 ? rest : rest.subarray(0, end);
      length += part.length;
      if (length > most) {
        isOver = true;
        parts = [];
        onTooLong();
        return;
      }
      parts.push(part);
      if (end < 0) return;
      const line = Buffer.concat(parts).toString('utf8').trim();
      parts = [];
      length = 0;
      if (line !== '') onLine(line);
      rest = rest.subarray(end + 1);
    }
  };
};
