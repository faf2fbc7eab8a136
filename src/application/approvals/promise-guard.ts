import type { AskedApproval, StandingApproval } from '../../domain/approval/approval.ts';
import { digestOf } from '../../domain/approval/digest.ts';
import { callOfPromise, GUARDED } from '../../domain/approval/guarded-call.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import { whyCodingAsks } from '../../domain/trust/judge-trust.ts';
import { PortError } from '../../ports/port-error.ts';
import { ApprovalNeededError } from '../tools/call-guard.ts';
import { type AskDeps, askFor, whyTooMany } from './ask-approval.ts';
import { CHANGED } from './call-guard.ts';

/** Guards whole promises: of coding where it needs an approval, and what `approve` of a workspace names. */
export interface PromiseGuard {
  /**
   * Resolves where the promise may run in that directory: nothing asks for an approval of its whole task, or a person
   * has given it for exactly this, or for all such tasks. `reason`: why it needs one in any case. Rejects with
   * ApprovalNeededError where people are to be asked, and with PortError where the task has changed since.
   */
  require(promise: AgentPromise, directory: string, reason?: string): Promise<void>;
}

export const makePromiseGuard = (deps: Omit<AskDeps, 'redact'>): PromiseGuard => ({
  require: async (promise, directory, reason) => {
    if (promise.metadata[GUARDED] !== true && reason === undefined) return;
    const call = callOfPromise(promise, directory);
    const last = (await deps.approvals.ofPromise(promise.id)).findLast(({ callKey }) => callKey === undefined);
    if (last?.status === 'approved') {
      if (last.digest === digestOf(call)) return;
      throw new PortError('unauthorised', `It was not done: ${CHANGED}`, { retryable: false });
    }
    if (await standsForPromise(deps, promise, directory)) return;
    const problem = await whyTooMany(deps.approvals, call);
    if (problem !== undefined) throw new PortError('unauthorised', `It was not done: ${problem}`, { retryable: false });
    throw new ApprovalNeededError(await askForPromise(deps, promise, directory, reason ?? 'It is asked again, as it is tried again.'));
  },
});

/** The standing approval that says yes to the whole task: none where others had a say in it, or nobody knows. */
export const standsForPromise = async (
  { approvals, clock }: Pick<AskDeps, 'approvals' | 'clock'>,
  promise: AgentPromise,
  directory: string,
): Promise<StandingApproval | undefined> => {
  const { labels = [] } = promise.provenance ?? {};
  if (labels.length === 0 || whyCodingAsks({ labels }) !== undefined) return undefined;
  return approvals.standingFor(callOfPromise(promise, directory), clock.now());
};

/** An approval of the promise's whole task. Nothing is stored yet. */
export const askForPromise = (
  deps: Omit<AskDeps, 'redact'>,
  promise: AgentPromise,
  directory: string,
  reason: string,
): Promise<AskedApproval> =>
  askFor(deps, promise, {
    call: callOfPromise(promise, directory),
    agent: promise.agent,
    reason,
    labels: promise.provenance?.labels ?? [],
  });
