/**
 * A tool's name as every model API takes it, whatever a model has made of it: a conversation that holds another one
 * would be refused for ever.
 */
export const plainToolName = (name: string): string => {
  const plain = name.replace(/[^A-Za-z\d_-]+/g, '_').slice(0, 64);
  if (plain === '') return 'unnamed';
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`.slice(0, 64);
};

/**
 * Which of the tools that there are a model means by a name: this one, or the only one that its name holds apart from
 * what models put around it (`functions.read_file`, `read_file<|channel|>commentary`, `mcp__files__read_file`).
 * undefined where that is none, or more than one.
 */
export const meantTool = (name: string, tools: readonly string[]): string | undefined => {
  if (tools.includes(name)) return name;
  const parts = new Set(
    name
      .slice(0, MAX_NAME_LENGTH)
      .split(/[^A-Za-z\d_-]+|__+/)
      .flatMap((part) => [part, part.replace(AROUND, '')])
      .map(lettersOf),
  );
  const meant = tools.filter((tool) => parts.has(lettersOf(tool)));
  return meant.length === 1 ? meant[0] : undefined;
};

/** A longer one is no slip. */
const MAX_NAME_LENGTH = 1_000;
const AROUND = /^(?:functions?|tools?|default_api|api)[_-]+|[_-]+(?:tool|function|call|\d+)$/gi;

const lettersOf = (name: string): string => name.replace(/[_-]+/g, '').toLowerCase();

/** Whether a name is one of these names, or fits one of these patterns, in which `*` stands for any letters. */
export const fitsName = (name: string, patterns: readonly string[]): boolean => patterns.some((pattern) => fits(name, pattern));

const fits = (name: string, pattern: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
};
