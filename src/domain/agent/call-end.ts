import type { ApprovalId } from '../approval/approval-id.ts';
import { promisedCall } from '../approval/guarded-call.ts';
import { decisionsOf } from '../conversation/decision.ts';
import type { PromiseId } from '../promise/promise.ts';
import { present } from '../shared/present.ts';
import type { ToolStep } from './run-step.ts';

/** What a call became that did not run in its turn: a promise of exactly that call, and what people are asked. */
export interface HandedOn {
  readonly promiseId: PromiseId;
  readonly approvalId?: ApprovalId;
}

/** Where a turn handed the call on; undefined of a call that ran, or was refused. */
export const handedOn = ({ tool, decisions = [] }: Pick<ToolStep, 'tool' | 'decisions'>): HandedOn | undefined => {
  const made = decisionsOf({ decisions }, 'make-promise').find(({ promise }) => promisedCall(promise)?.tool === tool)?.promise;
  if (!made) return undefined;
  const asked = decisionsOf({ decisions }, 'ask-approval').find(({ approval }) => approval.promiseId === made.id)?.approval;
  return { promiseId: made.id, ...present({ approvalId: asked?.id }) };
};

/** How a call ended, in a word or a few. */
export const endInWords = (step: Pick<ToolStep, 'tool' | 'decisions' | 'outcome' | 'isError'>): string => {
  const handed = handedOn(step);
  if (handed?.approvalId !== undefined) return `asked for approval #${handed.approvalId}, not run here`;
  if (handed) return `handed to promise #${handed.promiseId}`;
  return step.outcome === 'done' ? (step.isError ? 'failed' : 'done') : step.outcome;
};
