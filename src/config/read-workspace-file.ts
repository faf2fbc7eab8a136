import type { z } from 'zod';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { findJsonFaults, type JsonFault } from './json-faults.ts';
import type { ConfigProblem } from './problems.ts';
import { error, keyPath, suggestion } from './problems.ts';
import { KNOWN_KEYS, readableFileSchema, type WorkspaceFile, workspaceFileSchema } from './workspace-schema.ts';
import { wrongShape } from './wrong-shape.ts';

/** What to do about a fault of a JSON text. */
export const JSON_HINTS: Readonly<Record<JsonFault['kind'], string>> = {
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
  return [wrongShape(at, issue)];
};

const knownKeys = (path: readonly PropertyKey[]): readonly string[] => {
  const isNamed = path[0] === 'workspaces' || path[0] === 'people' ? 1 : 2;
  return KNOWN_KEYS[path.map((key, i) => (i === isNamed ? '*' : String(key))).join('.')] ?? [];
};
