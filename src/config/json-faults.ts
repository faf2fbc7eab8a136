/** A fault of a JSON text, and its place (both counted from 1). */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly kind: 'syntax' | 'duplicate-key' | 'reserved-key';
}

const TOKEN =
  /[ \t\r\n]*(?:("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/uy;
const MAX_DEPTH = 64;

/**
 * Finds the first syntax error, or every key that stands twice in one object. `JSON.parse` does not always say where a
 * syntax error is, and ignores double keys: the last one wins. Problems quote punctuation and keys, never values. If
 * there are no problems, `JSON.parse` accepts the text.
 */
export const findJsonFaults = (text: string): JsonFault[] => {
  const faults: JsonFault[] = [];
  let end = 0;
  let token = '';

  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const fault = (kind: JsonFault['kind'], problem: string, offset: number): JsonFault => ({
    kind,
    problem,
    line: lineOf(offset),
    column: offset - text.slice(0, offset).lastIndexOf('\n'),
  });
  const next = (): string => {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    token = match ? (match[1] ?? match[2] ?? match[3] ?? '') : '';
    end = match ? TOKEN.lastIndex : end;
    return token;
  };
  const syntax = (problem: string): never => {
    if (token !== '')
      throw fault('syntax', `${problem}, found ${/^[{}[\],:]$/.test(token) ? `"${token}"` : 'something else'}`, end - token.length);
    const rest = end + (text.slice(end).match(/^[ \t\r\n]*/)?.[0].length ?? 0);
    const unclosed = text[rest] === '"' ? 'a string that is not closed, or holds a forbidden character' : 'something else';
    throw fault('syntax', `${problem}, found ${rest >= text.length ? 'the end of the file' : unclosed}`, rest);
  };
  const value = (depth: number): void => {
    if (depth > MAX_DEPTH) syntax(`nested deeper than ${MAX_DEPTH} levels: expected a plain value`);
    if (token === '{') object(depth);
    else if (token === '[') array(depth);
    else if (token === '' || /^[}\],:]$/.test(token)) syntax('expected a value');
  };
  const object = (depth: number): void => {
    /** The first place of each key. */
    const seen = new Map<string, number>();
    for (let isFirst = true; ; isFirst = false) {
      if (next() === '}' && isFirst) return;
      if (!token.startsWith('"')) syntax('expected a key in double quotes');
      const key = JSON.parse(token) as string;
      const offset = end - token.length;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, offset);
      else faults.push(fault('duplicate-key', `the key ${token} stands twice in one object, first in line ${lineOf(first)}`, offset));
      if (key === '__proto__') faults.push(fault('reserved-key', 'the key "__proto__" is not allowed', offset));
      if (next() !== ':') syntax('expected ":" after a key');
      next();
      value(depth + 1);
      if (next() === '}') return;
      if (token !== ',') syntax('expected "," or "}"');
    }
  };
  const array = (depth: number): void => {
    if (next() === ']') return;
    for (;;) {
      value(depth + 1);
      if (next() === ']') return;
      if (token !== ',') syntax('expected "," or "]"');
      next();
    }
  };

  try {
    next();
    value(0);
    if (next() !== '' || text.slice(end).match(/[^ \t\r\n]/)) syntax('expected the end of the file');
    return faults;
  } catch (thrown) {
    if (isFault(thrown)) return [thrown];
    throw thrown;
  }
};

const isFault = (thrown: unknown): thrown is JsonFault =>
  typeof thrown === 'object' && thrown !== null && 'kind' in thrown && 'line' in thrown;
