import { isAbsolute, relative } from 'node:path';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { type Fields, textOf } from './sdk.ts';

/** `Write src/new.ts`, for people: where the workspace lies is nobody's business. */
export const titleOf = (name: string, input: Fields, workspace: string): string => {
  const path = textOf(input.file_path) || textOf(input.path) || textOf(input.pattern);
  const shown = isAbsolute(path) ? relative(workspace, path) || '.' : path;
  return lineExcerpt(`${name} ${shown}`.trim(), 200);
};
