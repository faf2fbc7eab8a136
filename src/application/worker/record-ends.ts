import { spentIn } from '../../domain/agent/run-step.ts';
import type { AskedApproval } from '../../domain/approval/approval.ts';
import type { ApprovalId } from '../../domain/approval/approval-id.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import { isPaid, NO_USAGE, type Turn, type Usage } from '../../domain/conversation/turn.ts';
import type { PromiseCost } from '../../domain/promise/outcome.ts';
import { isSettled, type PromiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { RunRecord } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { approvedSteps } from '../audit/end-approvals.ts';
import { owes, storeSpent } from '../budgets/store-spent.ts';
import { makeSharedCalls } from '../loops/shared-calls.ts';
import type { PromiseCosts } from '../promises/announce-outcome.ts';
import { addApprovals } from '../promises/store-approvals.ts';
import { type Commanded, commandPromises } from '../promises/store-promises.ts';
import { storeRest, uncounted } from '../promises/store-runs.ts';

/** How an attempt ended, and what is stored with that. */
export interface Ending {
  readonly id: PromiseId;
  /** Absent: the promise is not this worker's any more, and only what was used is recorded. */
  readonly command?: PromiseCommand;
  /** What this process has paid for the attempt. */
  readonly paid: Usage;
  readonly spending?: Spending | undefined;
  /** The record of what was used, where anything was. Its id is the same at each try. */
  readonly turnOf: (usage: Usage) => Turn;
  /** The run of the attempt, where it has one. */
  readonly run?: RunRecord;
  /** What the promise begins to wait for, where it does. */
  readonly approval?: AskedApproval;
  /** The last steps of the run are not stored: another process goes on with it, or the storage refused them. */
  readonly withoutRest?: boolean;
}

export interface Recorded {
  readonly moved: Commanded;
  readonly usage: Usage;
}

/** What was stored; `settled` is called once the unit is. */
interface Stored extends Recorded {
  readonly settled: () => void;
}

const NOTHING: Stored = { moved: undefined, usage: NO_USAGE, settled: () => undefined };

/** Records how an attempt ended. Rejects when the storage does: the end may be stored all the same. */
export type RecordEnd = (ending: Ending) => Promise<Recorded>;

/** The most ends that share one commit. */
const MAX_GROUP = 200;

interface Waiting {
  readonly ending: Ending;
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}

/** At most one end for each promise. */
const nextGroup = (waiting: readonly Waiting[]): readonly Waiting[] => {
  const group = new Map<PromiseId, Waiting>();
  for (const one of waiting) if (group.size < MAX_GROUP && !group.has(one.ending.id)) group.set(one.ending.id, one);
  return [...group.values()];
};

/**
 * Records many ends in one unit of work: ends that arrive while a commit is under way share the next one. The last
 * steps of a run, its end and what it used are stored with the end of the attempt: whatever dies where, a reply is
 * neither asked for again nor counted twice. If a group is refused, its ends are tried one by one, so that one bad end
 * does not fail the others.
 */
export const makeRecordEnd = (deps: {
  readonly unitOfWork: UnitOfWork;
  readonly randomness: Randomness;
  /** Says who may approve. Absent: cards do not tell. */
  readonly policy?: AccessPolicy | undefined;
}): RecordEnd => {
  const store = async (stores: Stores, endings: readonly Ending[]): Promise<ReadonlyMap<PromiseId, Stored>> => {
    const commands = new Map(endings.flatMap(({ id, command }) => (command ? [[id, command] as const] : [])));
    const failures = endings.filter(({ command, run }) => command?.type === 'fail' && !run);
    const withoutRun = new Set(failures.map(({ id }) => id));
    const moved =
      commands.size > 0
        ? await commandPromises(stores, commands, deps.randomness, withoutRun, {
            costs: await costsOf(stores, endings),
            withResults: withResults(endings),
          })
        : undefined;
    const recorded = new Map<PromiseId, Stored>();
    // Queried together: that saves round trips to a remote database.
    await Promise.all(
      endings.map(async (ending) => {
        const outcome = moved?.get(ending.id);
        recorded.set(ending.id, { moved: outcome, ...(await storeUsed(stores, ending, outcome, deps)) });
      }),
    );
    return recorded;
  };

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const endings = group.map(({ ending }) => ending);
      const recorded = await deps.unitOfWork.run((stores) => store(stores, endings));
      for (const { ending, resolve } of group) {
        const { settled, ...stored } = recorded.get(ending.id) ?? NOTHING;
        settled();
        resolve(stored);
      }
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) for (const one of group) await commit([one]);
      else for (const { reject } of group) reject(error);
    }
  };
  const record = makeSharedCalls(commit, nextGroup);
  return (ending) => new Promise((resolve, reject) => record({ ending, resolve, reject }));
};

/** The approvals of calls whose results are stored with these ends. */
const withResults = (endings: readonly Ending[]): ReadonlySet<ApprovalId> =>
  new Set(endings.flatMap(({ run, withoutRest }) => (run && !withoutRest ? [...approvedSteps(run.rest().steps).keys()] : [])));

/**
 * What the promises whose end this may be have cost: the entries of this run are stored first. Nothing is looked up
 * where no price is known; a report of coding tells its cost by itself.
 */
const costsOf = async ({ ledger }: Stores, endings: readonly Ending[]): Promise<PromiseCosts> => {
  const costs = new Map<PromiseId, PromiseCost>();
  for (const { id, run, spending, command } of endings) {
    const entries = [...spentIn(run?.steps() ?? []), ...(spending?.entries() ?? [])];
    if (!command || command.type === 'hand-back' || entries.every(({ on, cost = 0 }) => cost === 0 || on === 'coding')) continue;
    await ledger.add(entries.map((entry) => ({ ...entry, promiseId: id })));
    const { cost, unpriced } = await ledger.ofPromise(id);
    costs.set(id, { amount: cost, isWhole: unpriced === 0 });
  }
  return costs;
};

/** Stores the last steps of the run, its end, and what is to be recorded of its usage. Resolves to that usage. */
const storeUsed = async (
  stores: Stores,
  ending: Ending,
  moved: Commanded,
  { randomness, policy }: { readonly randomness: Randomness; readonly policy?: AccessPolicy | undefined },
): Promise<{ readonly usage: Usage; readonly settled: () => void }> => {
  const { id, run, paid, spending, turnOf, command, approval } = ending;
  let counted: { readonly usage: Usage; readonly recorded?: readonly LedgerEntry[] } = { usage: paid };
  if (approval && command?.type === 'await-approval' && moved?.ok) await addApprovals(stores, [approval], randomness, policy);
  // What waits goes on from its journal, however short that is.
  if (run && (run.isBegun() || command?.type === 'await-approval')) {
    // Whoever has lost the promise adds nothing to its run.
    const appends = moved?.ok === true && !ending.withoutRest;
    if (appends) await storeRest(stores, run);
    counted = await uncounted(stores.journal, run, paid, appends ? run.steps().length : run.rest().from);
    if (moved?.ok && command && isSettled(moved.value)) await stores.journal.end(run.run.id, command.at);
  }
  if (!isPaid(counted.usage) && !owes(spending)) return { usage: counted.usage, settled: () => undefined };
  const turn = turnOf(counted.usage);
  if (isPaid(counted.usage)) await stores.turns.add(turn);
  const { settled, facts } = await storeSpent(stores.ledger, { ...counted, spending, turn, promiseId: id });
  if (facts.length > 0) await stores.audit.add(facts);
  return { usage: counted.usage, settled };
};

/** The storage is unavailable or full: single ends would fail, too. */
const isOutage = (error: unknown): boolean => isPortError(error) && (error.code === 'unavailable' || error.code === 'storage-full');
