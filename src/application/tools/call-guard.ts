import type { RunId } from '../../domain/agent/run-step.ts';
import type { AllowedBy, AskedApproval } from '../../domain/approval/approval.ts';
import type { MicroUsd } from '../../domain/budget/money.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import type { CallVerdict } from './call-verdict.ts';

/** A call that its verdict does not let run at once. */
export interface GuardedCall {
  readonly tool: Tool;
  readonly input: unknown;
  readonly context: ToolContext;
  readonly verdict: CallVerdict;
  /** What it costs at the most. Default: the price of the tool. */
  readonly cost?: MicroUsd;
}

/** Whether a call that needs an approval runs now. */
export type Guarded =
  | { readonly kind: 'run'; readonly by?: AllowedBy }
  /**
   * `reason`: in words, behind the tool's name. `advice`: what a model is told to do next. `isDecided`: people were
   * asked about it before.
   */
  | { readonly kind: 'refuse'; readonly reason: string; readonly advice?: string; readonly isDecided?: true };

/** What becomes of calls that need an approval, or that act while a message is answered. */
export interface CallGuard {
  /**
   * While a message is answered: makes a promise that is exactly this call, which waits for an approval where the
   * verdict says so. Resolves to what the model is told.
   */
  readonly promiseCall: (call: GuardedCall) => Promise<ToolOutcome>;
  /**
   * In a promise's run: what was decided on this call. Rejects with ApprovalNeededError where nobody was asked yet: the
   * run can't go on before somebody has decided.
   */
  readonly requireDecision: (call: GuardedCall) => Promise<Guarded>;
  /** Whether people were asked to let the promise cost more, and how often they said yes in other runs than this. */
  readonly askedForMore: (promise: PromiseId, run: RunId) => Promise<{ readonly wasAsked: boolean; readonly allowed: number }>;
}

/** A run can't go on before a person has decided: the approval is stored, and the promise waits for it. */
export class ApprovalNeededError extends Error {
  override readonly name = 'ApprovalNeededError';
  readonly approval: AskedApproval;
  constructor(approval: AskedApproval) {
    super(`${approval.call.tool} needs an approval`);
    this.approval = approval;
  }
}
