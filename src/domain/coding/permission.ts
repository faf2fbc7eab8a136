import { isSecretPath } from '../workspace/secret-names.ts';

/** What a coding agent may want to do, by kind. */
export const PERMISSION_KINDS = ['read', 'search', 'edit', 'delete', 'move', 'execute', 'fetch', 'think', 'other'] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

export interface PermissionRequest {
  readonly kind: PermissionKind;
  /**
   * What it concerns: each place after all links were followed, relative to the workspace's directory; undefined for a
   * place outside of it.
   */
  readonly places: readonly (string | undefined)[];
}

/** Whether a coding agent may do what it asks for, and why not. */
export type PermissionDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** What lies there runs programs, or says what a coding agent may do. */
const GUARDED = ['.git', '.claude', '.mcp.json', '.codex', '.gemini', '.cursor', '.vscode', '.husky', '.envrc'];

/** Places of a workspace where others run what stands there: no coding agent's process may write to them. */
export const GUARDED_PLACES = ['.git/hooks', '.git/config', '.claude', '.mcp.json'] as const;

/**
 * The one rule for every coding agent: it reads and changes files of the workspace, but no secrets, and nothing that
 * others run. It runs no commands and fetches nothing.
 */
export const decidePermission = ({ kind, places }: PermissionRequest): PermissionDecision => {
  switch (kind) {
    case 'think':
      return { allowed: true };
    case 'read':
    case 'search':
      return decidePlaces(places, () => undefined);
    case 'edit':
    case 'delete':
    case 'move':
      return decidePlaces(places, guardedReason);
    case 'execute':
      return deny('it may run no commands');
    case 'fetch':
      return deny('it may fetch nothing from the network');
    case 'other':
      return deny('only reading and changing files is allowed');
  }
};

const decidePlaces = (places: PermissionRequest['places'], alsoRefused: (place: string) => string | undefined): PermissionDecision => {
  if (places.length === 0) return deny('it does not say which file it means');
  for (const place of places) {
    if (place === undefined) return deny('it lies outside the workspace directory');
    // Whether it is a directory is not known: what is secret as one is secret as a file, too.
    if (isSecretPath(place, false)) return deny('it is a file of secrets');
    const reason = alsoRefused(place);
    if (reason !== undefined) return deny(reason);
  }
  return { allowed: true };
};

const guardedReason = (place: string): string | undefined => {
  const guarded = place.split('/').find((part) => GUARDED.includes(part.toLowerCase()));
  return guarded === undefined ? undefined : `${guarded} may hold what others run`;
};

const deny = (reason: string): PermissionDecision => ({ allowed: false, reason });
