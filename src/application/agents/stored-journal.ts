import type { Run, StoredRun } from '../../domain/agent/run.ts';
import type { RunStep, RunStepOf } from '../../domain/agent/run-step.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import { OutdatedRunError, type RunJournal, type RunRecord } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Journal, JournalEntries } from '../../ports/storage/journal.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { appendSteps } from '../audit/append-steps.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';

/** The journal of one run, and how much of it is stored. */
export interface StoredJournal extends RunJournal, RunRecord {}

/** A journal whose steps outlive this process. It begins with the steps that `recorded` holds. */
export const makeStoredJournal = (
  deps: {
    readonly journal: Pick<Journal, 'append'>;
    /** Settles what was reserved for a step in the unit that stores the step. Absent: when the run ends. */
    readonly unitOfWork?: UnitOfWork | undefined;
    readonly clock: Clock;
    readonly events: Events;
    readonly writer: string;
  },
  run: Run,
  { recorded, earlierActs = [] }: { readonly recorded?: StoredRun | undefined; readonly earlierActs?: RunJournal['earlierActs'] } = {},
): StoredJournal => {
  const steps: RunStep[] = [...(recorded?.steps ?? [])];
  const taken = steps.length;
  let next = 0;
  let stored = steps.length;
  let isBegun = recorded !== undefined;
  let spending: Spending | undefined;

  const rest = (): JournalEntries => ({ run, writer: deps.writer, from: stored, steps: steps.slice(stored) });

  const store = async (): Promise<void> => {
    const ids = spending?.unsettled() ?? [];
    if (!deps.unitOfWork || ids.length === 0) return deps.journal.append(rest());
    const entries = spending?.entries().filter(({ id }) => ids.includes(id)) ?? [];
    await deps.unitOfWork.run(async (stores) => {
      await appendSteps(stores, rest());
      await stores.ledger.add(entries);
      await stores.ledger.release(ids);
    });
    spending?.settled(ids);
  };

  const append = async (): Promise<boolean> => {
    isBegun = true;
    try {
      await store();
      return true;
    } catch (error) {
      if (isPortError(error) && error.code === 'concurrency') return false;
      throw error;
    }
  };

  return {
    run,
    runId: run.id,
    earlierActs,
    steps: () => steps,
    recorded: taken,
    isBegun: () => isBegun,
    rest,
    isReplaying: () => next < taken,
    take: <Kind extends RunStep['kind']>(kind: Kind): RunStepOf<Kind> | undefined => {
      const step = steps[next];
      if (next >= taken || step?.kind !== kind) return undefined;
      next++;
      return step as RunStepOf<Kind>;
    },
    add: (step) => {
      // What was recorded and does not fit any more is passed over.
      next = Math.max(next, taken);
      steps.push(step);
    },
    flush: async (signal) => {
      if (stored === steps.length) return;
      const upTo = steps.length;
      if (!(await retryWhileUnavailable(append, deps, signal))) throw new OutdatedRunError('another process goes on with this run');
      stored = upTo;
    },
    settles: (paying) => {
      spending = paying;
    },
    callKey: (call) => {
      const last = next < taken ? next - 1 : steps.length - 1;
      for (let at = Math.max(last, 0); at >= 0; at--) if (steps[at]?.kind === 'model') return `${run.id}-${at}-${call}`;
      return undefined;
    },
  };
};
