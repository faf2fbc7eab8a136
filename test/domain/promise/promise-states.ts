import {
  type AgentPromise,
  approvalId,
  makePromise,
  type PromiseCommand,
  promiseId,
  type TransitionRefusal,
  transition,
} from '../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../src/testing/index.ts';

export const error = { code: 'unavailable', message: 'the search is down' };
export const start = { type: 'start', at: START, workerId: 'w1', leaseMs: 30_000 } as const satisfies PromiseCommand;
export const complete = { type: 'complete', at: START + 9, workerId: 'w1', attempt: 1, result: 'done' } as const satisfies PromiseCommand;
export const fail = { type: 'fail', at: START + 9, workerId: 'w1', attempt: 1, error, retryable: true, jitter: 0 } as const;
export const handBack = { type: 'hand-back', at: START + 9, workerId: 'w1', attempt: 1 } as const satisfies PromiseCommand;
export const cancel = { type: 'cancel', at: START + 9, reason: 'no need' } as const satisfies PromiseCommand;
export const abandon = { type: 'abandon', at: START + 9, error } as const satisfies PromiseCommand;
export const release = { type: 'release', at: START + 9 } as const satisfies PromiseCommand;
export const retry = { type: 'retry', at: START + 20 } as const satisfies PromiseCommand;

export const pending = buildPromise();
export const waiting = buildPromise({ dependsOn: [promiseId(9)] });
export const asked = makePromise(pending, approvalId(4));
export const awaitApproval = { type: 'await-approval', at: START + 9, workerId: 'w1', attempt: 1, approvalId: approvalId(4) } as const;
export const goOn = { type: 'go-on', at: START + 9, approvalId: approvalId(4) } as const satisfies PromiseCommand;
export const running = promiseAfter(pending, start);
export const completed = promiseAfter(running, complete);
export const failed = promiseAfter(running, { ...fail, retryable: false });
export const cancelled = promiseAfter(pending, cancel);

export const expire = { type: 'expire', at: START + 30 } as const satisfies PromiseCommand;

/** The code of the refusal, or undefined if the command is carried out. */
export const refusal = (promise: AgentPromise, command: PromiseCommand): TransitionRefusal['code'] | undefined => {
  const result = transition(promise, command);
  return result.ok ? undefined : result.error.code;
};
