import { ok, type Refusal, type Result, refuse } from '../shared/result.ts';
import type { Workspace } from './policy.ts';

/** A workspace by its exact name, else by name or alias in any case. Names that are only similar do not count. */
export const findWorkspace = (workspaces: readonly Workspace[], asked: string): Result<Workspace, Refusal<'workspace/not-found'>> => {
  const wanted = asked.toLowerCase();
  const found =
    workspaces.find(({ name }) => name === asked) ??
    workspaces.find(({ name, aliases }) => [name, ...aliases].some((known) => known.toLowerCase() === wanted));
  if (found) return ok(found);
  const known = workspaces.map(({ name }) => name).join(', ') || 'none';
  return refuse('workspace/not-found', `there is no workspace ${asked}; there are: ${known}`);
};
