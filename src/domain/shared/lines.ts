/** Whatever some reader takes for a line end: of control characters, none but the tab stands in a line. */
const LINE_END = /\r\n|[^\P{Cc}\t]|[\u2028\u2029]/u;

/** The lines of a text, in the eyes of whoever sees the most of them. */
export const linesOf = (text: string): string[] => text.split(LINE_END);
