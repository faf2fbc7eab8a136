import type { ChatKind } from '../chat/chat.ts';
import type { AgentPromise, PromiseSpec } from '../promise/promise.ts';
import type { AccessPolicy, Scope } from '../workspace/policy.ts';

/** Marks a promise that the coding agent keeps, in its metadata. */
export const CODING = 'coding';

/** Whether the coding agent keeps the promise, in the place of an agent of Kept. */
export const isCodingTask = ({ metadata }: Pick<AgentPromise | PromiseSpec, 'metadata'>): boolean => metadata[CODING] === true;

/**
 * Why no code may be changed for this chat, in words; undefined where it may: in dev groups, and in direct
 * conversations.
 */
export const codingRefusal = (
  { workspaces }: Pick<AccessPolicy, 'workspaces'>,
  { chatKind, scope }: { readonly chatKind: ChatKind; readonly scope: Pick<Scope, 'workspace'> },
): string | undefined => {
  if (scope.workspace === undefined)
    return chatKind === 'direct' ? undefined : 'code is changed only in the groups of a workspace, and in direct conversations';
  const workspace = workspaces.find(({ name }) => name === scope.workspace);
  if (workspace?.isDevGroup) return undefined;
  return `code is changed only in dev groups and in direct conversations; to allow it here, the operator sets workspaces.${scope.workspace}.is_dev_group to true`;
};
