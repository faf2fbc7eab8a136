import type { StoredRun } from '../agent/run.ts';
import { isCodingTask } from '../coding/coding-task.ts';
import type { AgentPromise } from '../promise/promise.ts';
import { present } from '../shared/present.ts';
import type { Approval, ApprovedCall } from './approval.ts';

/** Where a promise that is one call of a tool says which, in its metadata. */
export const CALL = 'call';
/** Marks a promise that does not run without an approval of its whole task, in its metadata. */
export const GUARDED = 'guarded';

/** Names the standing approval that let the whole task run without being asked about, in its metadata. */
export const STANDING = 'standing';

/** A call as a promise keeps it. */
export interface PromisedCall {
  readonly tool: string;
  readonly input: unknown;
}

/** The call that the promise is; undefined for work that an agent does. */
export const promisedCall = ({ metadata }: Pick<AgentPromise, 'metadata'>): PromisedCall | undefined => {
  const call = metadata[CALL];
  if (typeof call !== 'object' || call === null || !('tool' in call) || typeof call.tool !== 'string') return undefined;
  return { tool: call.tool, input: 'input' in call ? call.input : undefined };
};

export const CODING_TOOL = 'delegate_coding_task';
export const PROMISE_TOOL = 'make_promise';
/** Tools that decide something that can wait for an approval: what they make waits for it. */
export const WAITING_TOOLS: readonly string[] = [PROMISE_TOOL, CODING_TOOL];

/** That a promise may cost more: Kept asks for it, and no model can. */
export const SPEND_TOOL = 'spend';
const SPEND_KEY = /^(.+)-spend-\d+$/;
export const spendKey = (run: string, before: number): string => `${run}-spend-${before}`;

/** The run that asks to cost more by that approval; undefined of any other approval, whatever its tool is named. */
export const spendingRun = ({ callKey, call }: Pick<Approval, 'callKey' | 'call'>): string | undefined =>
  callKey === undefined || call.tool !== SPEND_TOOL ? undefined : SPEND_KEY.exec(callKey)?.[1];

/** What a whole promise does, as people approve it: its one call, or its task. */
export const callOfPromise = (promise: AgentPromise, directory: string): ApprovedCall => {
  const { chatId, description, agent, dependsOn, notBefore } = promise;
  const call = promisedCall(promise);
  if (call) return { ...call, directory, chatId };
  const depends = dependsOn.length > 0 ? [...dependsOn] : undefined;
  if (isCodingTask(promise))
    return { tool: CODING_TOOL, input: { task: description, ...present({ depends_on: depends }) }, directory, chatId };
  return {
    tool: PROMISE_TOOL,
    input: { description, agent, ...present({ depends_on: depends, not_before: notBefore }) },
    directory,
    chatId,
  };
};

/**
 * The call that an approval lets run, as it would be run now: taken from the promise, or from the journal of its runs.
 * undefined where there is none.
 */
export const guardedCall = (
  approval: Pick<Approval, 'callKey' | 'call'>,
  promise: AgentPromise,
  runs: readonly StoredRun[],
  directory: string,
): ApprovedCall | undefined => {
  const { callKey, call: asked } = approval;
  if (callKey === undefined) return callOfPromise(promise, directory);
  const spending = spendingRun(approval);
  // No model names the amount: only the place and the run can have changed.
  if (spending !== undefined)
    return runs.some((each) => each.id === spending && each.endedAt === undefined)
      ? { ...asked, directory, chatId: promise.chatId }
      : undefined;
  const [, id, step, call] = /^(.+)-(\d+)-(\d+)$/.exec(callKey) ?? [];
  const run = runs.find((each) => each.id === id && each.endedAt === undefined);
  const reply = run?.steps[Number(step)];
  const made = reply?.kind === 'model' ? reply.calls[Number(call)] : undefined;
  return made && { tool: made.tool, input: made.input, directory, chatId: promise.chatId };
};
