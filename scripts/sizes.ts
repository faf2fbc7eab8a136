import { type Node, parseSync, Visitor } from 'oxc-parser';
import type { Violation } from './layers.ts';

export const MAX_FILE_LINES = 300;
export const MAX_FUNCTION_LINES = 120;
export const MAX_COMMENT_COLUMNS = 120;

/** A file may be long, or have a long function, if the comment at its head says why. */
const REASON = /\blong because \w/i;

/** Finds files and functions that are too long to read, and comments that are too wide. */
export const checkSizes = (sources: ReadonlyMap<string, string>): readonly Violation[] =>
  [...sources].flatMap(([file, source]) => {
    const { program, comments } = parseSync(file, source);
    const lineAt = lineFinder(source);
    const wide = comments.flatMap(({ start, end }) => wideLines(source, start, end).map((line) => wideComment(file, line)));
    const [head] = comments;
    const isReasoned = head !== undefined && head.start <= program.start && REASON.test(source.slice(head.start, head.end));
    if (isReasoned) return wide;
    const lines = source.replace(/\n$/, '').split('\n').length;
    return [
      ...(lines > MAX_FILE_LINES
        ? [{ file, line: 1, rule: `a file has at most ${MAX_FILE_LINES} lines`, detail: `${lines}; ${HOW}` }]
        : []),
      ...longFunctions(program, lineAt).map(({ line, length }) => ({
        file,
        line,
        rule: `a function has at most ${MAX_FUNCTION_LINES} lines`,
        detail: `${length}; ${HOW}`,
      })),
      ...wide,
    ];
  });

const HOW = 'divide it, or say at the head of the file: Long because …';

const wideComment = (file: string, line: number): Violation => ({
  file,
  line,
  rule: `a comment has at most ${MAX_COMMENT_COLUMNS} columns`,
  detail: 'break it into lines',
});

const longFunctions = (
  program: Node,
  lineAt: (offset: number) => number,
): readonly { readonly line: number; readonly length: number }[] => {
  const found: { line: number; length: number }[] = [];
  const suites = new Set<number>();
  const measure = ({ start, end }: Node): void => {
    if (suites.has(start)) return;
    const line = lineAt(start);
    const length = lineAt(end) - line + 1;
    if (length > MAX_FUNCTION_LINES) found.push({ line, length });
  };
  new Visitor({
    CallExpression: ({ callee, arguments: given }) => {
      // A suite only groups tests: each of them is measured, and the file that holds them.
      if (callee.type === 'Identifier' && callee.name === 'describe') for (const { start } of given) suites.add(start);
    },
    ArrowFunctionExpression: measure,
    FunctionExpression: measure,
    FunctionDeclaration: measure,
  }).visit(program as Parameters<Visitor['visit']>[0]);
  return found;
};

/** The lines of a comment that are too wide. An address can't be broken, so a line that has one is let be. */
const wideLines = (source: string, start: number, end: number): readonly number[] => {
  const lineAt = lineFinder(source);
  const first = lineAt(start);
  return source
    .split('\n')
    .slice(first - 1, lineAt(end))
    .flatMap((text, at) =>
      text.length > MAX_COMMENT_COLUMNS && /^\s*(\/\/|\/\*|\*)/.test(text) && !text.includes('://') ? [first + at] : [],
    );
};

/** The line, counted from 1, that an offset is in. */
const lineFinder =
  (source: string) =>
  (offset: number): number => {
    let line = 1;
    for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) line++;
    return line;
  };
