/** Gathers lines into messages: a line that ends in a backslash, and every pasted one, goes on in the next. */
export const makeComposer = () => {
  let lines: string[] = [];
  return {
    /** The message that this line completes; undefined while it goes on. */
    add: (line: string, pasted = false): string | undefined => {
      const goesOn = line.endsWith('\\');
      lines.push(goesOn ? line.slice(0, -1) : line);
      if (goesOn || pasted) return undefined;
      return takeAll();
    },
    isComposing: (): boolean => lines.length > 0,
    /** Returns the lines so far, and starts again. */
    takeAll,
  };

  function takeAll(): string {
    const text = lines.join('\n');
    lines = [];
    return text;
  }
};
