import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { type Fields, textOf } from './sdk.ts';

/** `Write src/new.ts`, for people. */
export const titleOf = (name: string, input: Fields, workspace: string): string => {
  const path = textOf(input.file_path) || textOf(input.path) || textOf(input.pattern);
  const shown = path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path;
  return lineExcerpt(`${name} ${shown}`.trim(), 200);
};
