import { localChatId, OPERATOR_ID, type PromiseId, type PromiseStatus, TASK_TYPES } from '../../src/domain/index.ts';
import type { MakePromise, Randomness } from '../../src/ports/index.ts';

/** What the executor of `promise-worker.ts` does with a promise. */
export interface Task {
  readonly ms: number;
  /** Runs that end in a failure before the one that succeeds. */
  readonly failures: number;
  /** Whether such a failure is the last. */
  readonly forGood: boolean;
}

export const taskText = ({ ms, failures, forGood }: Task): string =>
  `work for ${ms} ms, failing ${failures} times${forGood ? ' for good' : ''}`;

export const readTask = (text: string): Task => {
  const [, ms, failures, forGood] = /^work for (\d+) ms, failing (\d+) times( for good)?/.exec(text) ?? [];
  if (ms === undefined) throw new Error(`no task: ${text}`);
  return { ms: Number(ms), failures: Number(failures), forGood: forGood !== undefined };
};

/** A promise to be made, and what has to become of it. */
export interface Plan {
  readonly key: string;
  readonly chat: number;
  readonly task: Task;
  readonly priority: number;
  readonly taskType: (typeof TASK_TYPES)[number];
  /** Plans of the same chat, made before. */
  readonly parents: readonly Plan[];
  readonly delayMs?: number;
  readonly deadlineMs?: number;
  readonly isCancelled: boolean;
  readonly fate: PromiseStatus;
}

export const CHATS = 6;
const LONG_MS = 10 * 60_000;

/**
 * Promises of every kind, over several chats, each a tenant. Most are kept; others fail, come too late, or are
 * cancelled, and take with them what depends on them.
 */
export const planPromises = (count: number, randomness: Randomness): readonly Plan[] => {
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  const plans: Plan[] = [];
  for (let at = 0; at < count; at++) {
    const chat = 1 + upTo(CHATS);
    const earlier = plans.filter((plan) => plan.chat === chat).slice(-20);
    const kind = upTo(100);
    const parents = kind < 25 && earlier.length > 0 ? [...new Set([0, 1].map(() => earlier[upTo(earlier.length)] as Plan))] : [];
    const [isFailing, isLate, isCancelled] = [kind >= 90 && kind < 94, kind === 94, kind >= 95 && kind < 98];
    const task = {
      // Where workers die every second, longer work would lose so many leases that it is given up.
      ms: isLate ? LONG_MS : 20 + upTo(upTo(10) === 0 ? 1_500 : 200),
      failures: isFailing ? 3 : upTo(5) === 0 ? 1 : 0,
      forGood: isFailing && upTo(2) === 0,
    };
    plans.push({
      key: `plan-${at}`,
      chat,
      task,
      parents,
      isCancelled,
      priority: 1 + upTo(10),
      taskType: TASK_TYPES[upTo(3)] ?? 'analysis',
      ...(isCancelled ? { delayMs: LONG_MS } : upTo(6) === 0 && !isLate ? { delayMs: upTo(4_000) } : {}),
      ...(isLate ? { deadlineMs: 2_000 } : {}),
      fate: isCancelled ? 'cancelled' : isFailing || isLate || parents.some(({ fate }) => fate !== 'completed') ? 'failed' : 'completed',
    });
  }
  return plans;
};

/** The plan as it is asked for. */
export const requestOf = (plan: Plan, idOf: (plan: Plan) => PromiseId, now: number): Parameters<MakePromise> => [
  {
    description: taskText(plan.task),
    taskType: plan.taskType,
    priority: plan.priority,
    idempotencyKey: plan.key,
    dependsOn: plan.parents.map(idOf),
    ...(plan.delayMs === undefined ? {} : { notBefore: now + plan.delayMs }),
    ...(plan.deadlineMs === undefined ? {} : { deadline: now + plan.deadlineMs }),
  },
  { chatId: localChatId(plan.chat), chatKind: 'direct', requestedBy: { id: OPERATOR_ID } },
];
