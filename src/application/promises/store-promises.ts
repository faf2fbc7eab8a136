import type { ApprovalId } from '../../domain/approval/approval-id.ts';
import { promiseMadeFact } from '../../domain/audit/facts.ts';
import { parentsVerdict } from '../../domain/promise/dependencies.ts';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, type TransitionRefusal, transition } from '../../domain/promise/transition.ts';
import { ok, type Result } from '../../domain/shared/result.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { announceOutcomes, type PromiseCosts } from './announce-outcome.ts';
import { endApprovalsOf } from './store-approvals.ts';
import { endRuns, openRunsOf, tellingUnknownActs } from './store-runs.ts';

/**
 * Adds new promises inside a unit of work. If their parents have settled since they were drafted, they are released or
 * fail at once, so that no promise waits for something that has already happened.
 */
export const addPromises = async (stores: Stores, promises: readonly AgentPromise[], at: number, randomness: Randomness): Promise<void> => {
  if (promises.length === 0) return;
  await stores.promises.add(promises);
  await stores.audit.add(promises.map((promise) => promiseMadeFact(promise, at)));
  await followParents(stores, promises, at, randomness);
};

/**
 * Changes the states of promises inside a unit of work, and resolves to the changed promises as they are stored.
 * Outcomes of promises that settle are queued for their chats, and their children are released or fail. A promise that
 * waits again is released or fails at once if its parents have settled.
 */
const changePromises = async (
  stores: Stores,
  ids: readonly PromiseId[],
  change: (stored: AgentPromise) => AgentPromise | undefined,
  at: number,
  randomness: Randomness,
  { costs, withResults }: AttemptFacts = {},
): Promise<readonly AgentPromise[]> => {
  const changed = new Set<PromiseId>();
  const updated = await stores.promises.update(ids, (stored) => {
    const next = change(stored);
    if (next) changed.add(stored.id);
    return next;
  });
  const saved = updated.filter(({ id }) => changed.has(id));
  const settled = saved.filter(isSettled);
  // Queried together: that saves round trips to a remote database.
  const [children] = await Promise.all([
    settled.length > 0 ? stores.promises.waitingOn(settled.map(({ id }) => id)) : [],
    settled.length > 0 ? announceOutcomes(stores, settled, at, randomness, costs) : undefined,
    endApprovalsOf(stores, settled, at, withResults),
  ]);
  const followed = new Map([...children, ...saved].map((promise) => [promise.id, promise]));
  const moved = new Map((await followParents(stores, [...followed.values()], at, randomness)).map((promise) => [promise.id, promise]));
  return saved.map((promise) => moved.get(promise.id) ?? promise);
};

/** What is known of attempts that end. */
export interface AttemptFacts {
  readonly costs?: PromiseCosts | undefined;
  /** Approvals of calls whose results the same unit of work stores: they end by these. */
  readonly withResults?: ReadonlySet<ApprovalId>;
}

/** Releases or fails the waiting promises whose parents have settled. Resolves to them. */
const followParents = async (
  stores: Stores,
  promises: readonly AgentPromise[],
  at: number,
  randomness: Randomness,
): Promise<readonly AgentPromise[]> => {
  const waiting = promises.filter((promise) => promise.status === 'waiting');
  if (waiting.length === 0) return [];
  const parents = new Map(
    (await stores.promises.getMany([...new Set(waiting.flatMap(({ dependsOn }) => dependsOn))])).map((parent) => [parent.id, parent]),
  );
  const commands = new Map<PromiseId, PromiseCommand>();
  for (const child of waiting) {
    const verdict = parentsVerdict(child.dependsOn.flatMap((id) => parents.get(id) ?? []));
    // What waits for an approval, too, goes on with the decision.
    if (verdict.kind === 'release') {
      if (child.approvalId === undefined) commands.set(child.id, { type: 'release', at });
    } else if (verdict.kind !== 'wait') commands.set(child.id, { type: 'abandon', at, error: verdict.error });
  }
  if (commands.size === 0) return [];
  return changePromises(
    stores,
    [...commands.keys()],
    (child) => {
      const command = commands.get(child.id);
      const next = command && transition(child, command);
      return next?.ok ? next.value : undefined;
    },
    at,
    randomness,
  );
};

/** The result of a command. Undefined if there is no such promise. */
export type Commanded = Result<AgentPromise, TransitionRefusal> | undefined;

/** Commands of people and of time: they reach a promise whose run nobody may end. */
const FROM_OUTSIDE: ReadonlySet<PromiseCommand['type']> = new Set<PromiseCommand['type']>(['cancel', 'expire', 'retry']);

/**
 * Carries out one command on each of these promises, inside a unit of work. A refused command changes nothing, and the
 * others continue. A command from outside, and one to a promise of `withoutRun`, ends what runs the promise has: what
 * they used is recorded, and people are told of acts whose outcome is not known. What is known of their attempts are
 * `facts`.
 */
export const commandPromises = async (
  stores: Stores,
  commands: ReadonlyMap<PromiseId, PromiseCommand>,
  randomness: Randomness,
  withoutRun: ReadonlySet<PromiseId> = new Set(),
  facts: AttemptFacts = {},
): Promise<ReadonlyMap<PromiseId, Commanded>> => {
  const looksBack = [...commands].flatMap(([id, { type }]) => (FROM_OUTSIDE.has(type) || withoutRun.has(id) ? [id] : []));
  const open = await openRunsOf(stores, looksBack);
  const outcomes = new Map<PromiseId, Commanded>();
  const moved = await changePromises(
    stores,
    [...commands.keys()],
    (promise) => {
      const command = commands.get(promise.id);
      const outcome = command && transition(promise, tellingUnknownActs(command, open.get(promise.id) ?? []));
      outcomes.set(promise.id, outcome);
      return outcome?.ok ? outcome.value : undefined;
    },
    Math.max(...Array.from(commands.values(), ({ at }) => at)),
    randomness,
    facts,
  );
  for (const promise of moved) {
    outcomes.set(promise.id, ok(promise));
    const command = commands.get(promise.id);
    // What a person asks for again begins anew, and is told what was done before.
    if (command && (isSettled(promise) || command.type === 'retry'))
      await endRuns(stores, open.get(promise.id) ?? [], command.at, { randomness, agent: 'promises' });
  }
  return outcomes;
};

/** Carries out a command on a stored promise, inside a unit of work. */
export const commandPromise = async (stores: Stores, id: PromiseId, command: PromiseCommand, randomness: Randomness): Promise<Commanded> =>
  (await commandPromises(stores, new Map([[id, command]]), randomness)).get(id);
