import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** The rules of one `.gitignore`, and the directory that they count from. */
interface Rules {
  readonly base: string;
  readonly rules: Ignore;
}
/** Innermost first: an inner file's word counts before an outer one's. */
export type RuleStack = readonly Rules[];

const CASE = { ignorecase: false };
export const RULE_FILE = '.gitignore';
const ALWAYS_SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * The rules that hold in `directory`, given those of the directory above; `hasFile` says whether it has a `.gitignore`.
 */
export const rulesIn = (directory: string, above: RuleStack, hasFile: boolean): RuleStack => {
  if (!hasFile) return above;
  const text = readIfFile(join(directory, RULE_FILE));
  return text === undefined ? above : [{ base: directory, rules: ignore(CASE).add(text) }, ...above];
};

export const isIgnored = (stack: RuleStack, path: string, name: string, isDirectory: boolean): boolean => {
  if (ALWAYS_SKIPPED.has(name)) return true;
  for (const { base, rules } of stack) {
    const { ignored, unignored } = rules.test(relative(base, path).split(sep).join('/') + (isDirectory ? '/' : ''));
    if (ignored || unignored) return ignored;
  }
  return false;
};

/**
 * Whether a path below the root matches a glob: `*.ts` at any depth, `src/**`, `*.{ts,tsx}`. A leading `!` negates it.
 */
export const globFilter = (glob: string | undefined): ((path: string) => boolean) => {
  if (glob === undefined || glob === '') return () => true;
  const isTurned = glob.startsWith('!');
  const written = glob.slice(isTurned ? 1 : 0).replace(/^\.\//, '');
  const fitting = ignore(CASE).add(expandBraces(written).map((one) => one.replace(/^(?=[#!])/, '\\')));
  return (path) => fitting.ignores(path) !== isTurned;
};

/** `a.{b,c}` as `a.b` and `a.c`; at most 64 of them. */
const expandBraces = (glob: string): readonly string[] => {
  let globs = [glob];
  for (let grown = true; grown && globs.length < 64; ) {
    const next = globs.flatMap((one) => {
      const braces = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/.exec(one);
      return braces ? (braces[2] ?? '').split(',').map((choice) => `${braces[1]}${choice}${braces[3]}`) : [one];
    });
    grown = next.length > globs.length;
    globs = next;
  }
  return globs.slice(0, 64);
};

/** Unreadable rules are no rules: what they would hide is skipped or shown by the rest. */
const readIfFile = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
};
