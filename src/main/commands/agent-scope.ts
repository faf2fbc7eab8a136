import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { AccessPolicy, Scope } from '../../domain/index.ts';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../domain/index.ts';
import { findWorkspace } from '../../domain/workspace/find-workspace.ts';
import { scopeOf } from '../../domain/workspace/policy.ts';
import { CommandError } from '../failures.ts';
import { valueIn } from './outcome.ts';

/** What a run of the command line works on, as its options name it. */
export interface AskedScope {
  /** The name of a workspace, or an alias. */
  readonly project?: string;
  readonly dir?: string;
}

/**
 * The scope of a run of the command line: the directory that is named, the workspace's, or that of local chats. Of a
 * workspace, a directory outside of its own is refused: its tools and data belong to work inside.
 */
export const scopeAsked = (policy: AccessPolicy, { project, dir }: AskedScope): Scope => {
  const workspace = project === undefined ? undefined : valueIn(findWorkspace(policy.workspaces, project));
  const directory = dir === undefined ? undefined : directoryAt(dir);
  if (!workspace) return directory === undefined ? localScope(policy) : { directory };
  if (directory === undefined) return { workspace: workspace.name, directory: workspace.directory };
  if (!isInside(directoryAt(workspace.directory), directory))
    throw new CommandError(
      `${dir} is not inside ${workspace.directory}, the directory of ${workspace.name}: name one inside, or leave out --project`,
      'scope/outside',
    );
  return { workspace: workspace.name, directory };
};

const localScope = (policy: AccessPolicy): Scope => scopeOf(policy, { chatId: DEFAULT_LOCAL_CHAT, senderId: OPERATOR_ID });

/** The directory itself, behind every link. */
const directoryAt = (written: string): string => {
  const path = resolve(written);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return realpathSync(path);
  throw new CommandError(found ? `${path} is not a directory` : `there is no directory ${path}`, 'scope/no-directory');
};

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};
