import { fitsName } from '../../domain/agent/tool-name.ts';
import { CODING_TOOL, GUARDED, PROMISE_TOOL, STANDING } from '../../domain/approval/guarded-call.ts';
import { codingRefusal, isCodingTask } from '../../domain/coding/coding-task.ts';
import { decisionsOf } from '../../domain/conversation/decision.ts';
import { makePromise } from '../../domain/promise/transition.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import { whyCodingAsks } from '../../domain/trust/judge-trust.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { GuardDraft } from '../promises/make-promise.ts';
import { type AskDeps, whyNotAsked, whyTooMany } from './ask-approval.ts';
import { askForPromise, standsForPromise } from './promise-guard.ts';

export const CODING_ELSEWHERE = 'Code is to be changed outside of a dev group.';

/**
 * Makes promises of a turn wait for an approval: coding where no dev group is, or that others had a say in, and what
 * `approve` of the workspace names; unless an owner has given a standing approval of it.
 */
export const makeGuardDrafts =
  (deps: AskDeps & { readonly policy: Pick<AccessPolicy, 'workspaces'> }): GuardDraft =>
  async (promise, context) => {
    const { draft, scope } = context;
    const tool = isCodingTask(promise) ? CODING_TOOL : PROMISE_TOOL;
    const reason = reasonFor(deps.policy, tool, context);
    if (reason === undefined || !draft) return ok(undefined);
    const standing = await standsForPromise(deps, promise, scope.directory);
    if (standing) return ok({ promise: { ...promise, metadata: { ...promise.metadata, [STANDING]: standing.id } } });
    const { approvals, redact } = deps;
    const drafted = decisionsOf(draft, 'ask-approval').length;
    const problem = whyNotAsked(redact, promise.description) ?? (await whyTooMany(approvals, promise, drafted));
    if (problem !== undefined) return refuse('promise/invalid', problem.replace(/\.$/, ''));
    const guarded = { ...promise, metadata: { ...promise.metadata, [GUARDED]: true } };
    const approval = await askForPromise(deps, guarded, scope.directory, reason);
    return ok({ promise: makePromise(guarded, approval.id), approval });
  };

const reasonFor = (
  policy: Pick<AccessPolicy, 'workspaces'>,
  tool: string,
  { chatKind, scope, shown }: Parameters<GuardDraft>[1],
): string | undefined => {
  const patterns = policy.workspaces.find(({ name }) => name === scope.workspace)?.approve ?? [];
  if (fitsName(tool, patterns)) return `workspaces.${scope.workspace}.approve names ${tool}.`;
  if (tool !== CODING_TOOL) return undefined;
  if (codingRefusal(policy, { chatKind, scope }) !== undefined) return CODING_ELSEWHERE;
  return whyCodingAsks(shown?.provenance());
};
