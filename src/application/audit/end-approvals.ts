import type { RunStep, ToolStep } from '../../domain/agent/run-step.ts';
import type { ApprovalId } from '../../domain/approval/approval-id.ts';
import { type ApprovalCommand, transitionApproval } from '../../domain/approval/transition.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** The results of calls that were approved, by their approvals. */
export const approvedSteps = (steps: readonly RunStep[]): ReadonlyMap<ApprovalId, ToolStep> =>
  new Map(steps.flatMap((step) => (step.kind === 'tool' && step.approvalId !== undefined ? [[step.approvalId, step] as const] : [])));

/** Ends the approvals of calls that have results, inside the unit of work that makes these durable. */
export const endApprovalsIn = async ({ approvals }: Pick<Stores, 'approvals'>, steps: readonly RunStep[]): Promise<void> => {
  const ended = approvedSteps(steps);
  if (ended.size === 0) return;
  await approvals.update([...ended.keys()], (stored) => {
    const step = ended.get(stored.id);
    if (!step) return undefined;
    const next = transitionApproval(stored, endBy(step));
    return next.ok ? next.value : undefined;
  });
};

const endBy = ({ at, outcome, isError, output, isInterrupted }: ToolStep): ApprovalCommand =>
  outcome === 'unknown'
    ? { type: 'lose-track', at, ...(isInterrupted ? {} : { why: output }) }
    : { type: 'end', at, isDone: outcome === 'done' && !isError, outcome: output };
