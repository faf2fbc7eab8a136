import type { z } from 'zod';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { findJsonFaults, type JsonFault } from './json-faults.ts';
import type { ConfigProblem } from './problems.ts';
import { error, keyPath, suggestion } from './problems.ts';
import { KNOWN_KEYS, readableFileSchema, type WorkspaceFile, workspaceFileSchema } from './workspace-schema.ts';

const JSON_HINTS: Readonly<Record<JsonFault['kind'], string>> = {
  syntax: 'JSON knows no comments, no commas after a last element and no single quotes',
  'duplicate-key': 'keep one of them: of two, only the last would count',
  'reserved-key': 'choose another name',
};

/**
 * The readable part of `workspace_config.json`, and all problems of its syntax and shape. Without problems, everything
 * was read. Without content, nothing could be read.
 */
export const readWorkspaceFile = (
  file: string,
  source: string,
): { readonly content?: WorkspaceFile; readonly problems: readonly ConfigProblem[] } => {
  const json = source.replace(/^\uFEFF/, '');
  const faults = findJsonFaults(json);
  const problems = faults.map(({ line, column, problem, kind }) =>
    error(`${file}: line ${line}, column ${column}`, problem, JSON_HINTS[kind]),
  );
  if (faults.some(({ kind }) => kind === 'syntax')) return { problems };
  const written: unknown = JSON.parse(json);
  const checked = workspaceFileSchema.safeParse(written);
  if (!checked.success) problems.push(...checked.error.issues.flatMap((issue) => shapeProblems(file, issue)));
  const read = readableFileSchema.safeParse(written);
  return { problems, ...(read.success ? { content: read.data } : {}) };
};

const shapeProblems = (file: string, issue: z.core.$ZodIssue): ConfigProblem[] => {
  const at = issue.path.length === 0 ? file : `${file}: ${keyPath(issue.path)}`;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const known = knownKeys(issue.path);
      const hint = suggestion(nearestName(key, known), `known here: ${known.join(', ')}`);
      return error(`${file}: ${keyPath([...issue.path, key])}`, 'this key is not known', hint);
    });
  if (issue.code === 'invalid_type') {
    const expected = SHAPES[issue.expected] ?? issue.expected;
    return [
      / undefined$/.test(issue.message)
        ? error(at, 'this required key is missing', `add it: ${expected}`)
        : error(at, `this must be ${expected}`, SHAPE_HINTS[issue.expected] ?? 'see docs/reference/configuration.md'),
    ];
  }
  if (issue.code === 'too_small') return [error(at, 'this must not be empty', 'write a value, or leave the key out where it is optional')];
  if (issue.code === 'invalid_union') return [error(at, 'this must be a text or a whole number', 'write ids like "-1001234567890"')];
  return [error(at, issue.message, 'see docs/reference/configuration.md')];
};

const SHAPES: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  array: 'a list in [ ]',
  object: 'an object in { }',
  record: 'an object in { }',
  boolean: 'true or false',
};
const SHAPE_HINTS: Readonly<Record<string, string>> = { boolean: 'write true or false without quotes' };

const knownKeys = (path: readonly PropertyKey[]): readonly string[] => {
  const isNamed = path[0] === 'workspaces' ? 1 : 2;
  return KNOWN_KEYS[path.map((key, i) => (i === isNamed ? '*' : String(key))).join('.')] ?? [];
};
