import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { holdsPrivateKey } from '../../domain/redaction/blocks.ts';
import type { FindSecrets } from '../../domain/redaction/redactor.ts';
import { REDACTED, withoutSpans } from '../../domain/redaction/spans.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { FileQuery, SearchResult } from '../../ports/workspace-files.ts';
import { type Contained, isHidden, isInside, shownPath } from './containment.ts';
import { globFilter, isIgnored, RULE_FILE, type RuleStack, rulesIn } from './ignore-rules.ts';
import { type Identity, identityOf } from './kept-files.ts';
import type { Pattern } from './pattern.ts';
import { isBinary } from './text.ts';

/** Larger files are data or made by machines: skipped. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Maximum length of a returned line, in UTF-16 units. */
const MAX_LINE_LENGTH = 500;

/** What a search skips. */
export interface Unsearched {
  /** Real paths. */
  readonly hidden: readonly string[];
  readonly kept: ReadonlySet<Identity>;
  readonly findSecrets: FindSecrets;
}

/**
 * Searches one tree, synchronously: it runs in its own thread, which the caller may terminate at any time. The pattern
 * sees the text without its secrets, so it can't probe for one. A file with a private key is skipped.
 */
export const searchTree = (
  place: Contained,
  pattern: Pattern,
  query: FileQuery,
  { hidden, kept, findSecrets }: Unsearched,
): SearchResult => {
  const fits = globFilter(query.glob);
  const matches: { path: string; line: number; text: string }[] = [];
  const count = { total: 0, filesMatched: 0, filesSearched: 0, filesSkipped: 0 };
  const buffer = Buffer.allocUnsafe(MAX_FILE_BYTES + 1);

  const searchFile = (path: string): void => {
    const shown = shownPath(place.root, path);
    if (!fits(shown)) return;
    const bytes = readContained(place.root, path, buffer, kept);
    const text = bytes && !isBinary(bytes) ? bytes.toString('utf8') : undefined;
    if (text === undefined || holdsPrivateKey(text)) {
      count.filesSkipped++;
      return;
    }
    count.filesSearched++;
    const before = count.total;
    let at = 0;
    for (const line of linesOf(withoutSpans(text, findSecrets(text), REDACTED_LINES))) {
      at++;
      if (!pattern.test(line)) continue;
      count.total++;
      if (matches.length < query.limit) matches.push({ path: shown, line: at, text: excerpt(line, MAX_LINE_LENGTH) });
    }
    if (count.total > before) count.filesMatched++;
  };

  const isKeptHere = (path: string, isDirectory: boolean): boolean => {
    if (isHidden(hidden, { root: place.root, path, asked: path, isDirectory })) return true;
    const found = isDirectory && kept.size > 0 ? kindOf(path) : undefined;
    return found !== undefined && kept.has(identityOf(found));
  };

  const searchDirectory = (directory: string, above: RuleStack): void => {
    const entries = entriesOf(directory);
    const rules = rulesIn(directory, above, entries.some(isRuleFile));
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (isKeptHere(path, entry.isDirectory()) || isIgnored(rules, path, entry.name, entry.isDirectory())) count.filesSkipped++;
      else if (entry.isDirectory()) searchDirectory(path, rules);
      else if (entry.isFile()) searchFile(path);
      else count.filesSkipped++;
    }
  };

  const rules = rulesAbove(place);
  if (!rules) count.filesSkipped++;
  else if (isDirectory(place.path)) searchDirectory(place.path, rules);
  else searchFile(place.path);
  return { matches, ...count };
};

/** The rules that hold where the search starts; undefined when they hide that very place. */
const rulesAbove = ({ root, path }: Contained): RuleStack | undefined => {
  let rules: RuleStack = [];
  let directory = root;
  for (const name of relative(root, path).split(sep).filter(Boolean)) {
    rules = rulesIn(directory, rules, kindOf(join(directory, RULE_FILE))?.isFile() ?? false);
    directory = join(directory, name);
    if (isIgnored(rules, directory, name, isDirectory(directory))) return undefined;
  }
  return rules;
};

/**
 * The whole file, or undefined when it is not a small regular file inside the root that may be read and is not kept.
 * The bytes last until the next call.
 */
export const readContained = (root: string, path: string, buffer: Buffer, kept: ReadonlySet<Identity> = new Set()): Buffer | undefined => {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return skipUnreadable(error);
  }
  try {
    const opened = fstatSync(file);
    // A directory on the way may have become a link since it was listed.
    const now = process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${file}`) : realpathSync.native(path);
    if (!opened.isFile() || opened.size > MAX_FILE_BYTES || !isInside(root, now) || kept.has(identityOf(opened))) return undefined;
    let length = 0;
    for (let read = -1; read !== 0 && length <= MAX_FILE_BYTES; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    return length > MAX_FILE_BYTES ? undefined : buffer.subarray(0, length);
  } catch (error) {
    return skipUnreadable(error);
  } finally {
    closeSync(file);
  }
};

const entriesOf = (directory: string): readonly Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return skipUnreadable(error) ?? [];
  }
};

/** A file system's refusal means "skip this"; anything else is a fault of ours. */
const skipUnreadable = (error: unknown): undefined => {
  if (error instanceof Error && 'code' in error) return undefined;
  throw error;
};

const isRuleFile = (entry: Dirent): boolean => entry.name === RULE_FILE && entry.isFile();

const kindOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path);
  } catch (error) {
    return skipUnreadable(error);
  }
};
const isDirectory = (path: string): boolean => kindOf(path)?.isDirectory() ?? false;

/** The replacement of a secret with several lines keeps their number. */
const REDACTED_LINES = (secret: string): string => REDACTED + '\n'.repeat(secret.split('\n').length - 1);

const linesOf = (text: string): string[] => {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
