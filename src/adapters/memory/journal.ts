import { type PromiseId, type Run, type RunStep, runFields, type StoredRun } from '../../domain/index.ts';
import type { Journal } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import { messageKey, type RunRow, stepKey, type Tables } from './tables.ts';

const newestFirst = (a: RunRow, b: RunRow): number => b.run.startedAt - a.run.startedAt || (a.run.id < b.run.id ? 1 : -1);

export const makeJournal = ({ runs, runSteps, messages }: Tables): Journal => {
  const stepsOf = ({ id }: Pick<Run, 'id'>): readonly RunStep[] => {
    const steps: RunStep[] = [];
    for (let row = runSteps.get(stepKey(id, 0)); row; row = runSteps.get(stepKey(id, steps.length))) steps.push(row.step);
    return steps;
  };
  const stored = ({ run, counted, endedAt }: RunRow): StoredRun => ({
    ...run,
    steps: stepsOf(run),
    counted,
    ...(endedAt === undefined ? {} : { endedAt }),
  });
  const remove = ({ run }: RunRow): void => {
    for (const [seq] of stepsOf(run).entries()) runSteps.remove(stepKey(run.id, seq));
    runs.remove(run.id);
  };

  return {
    append: async ({ run, writer, from, steps }) => {
      const isDeleted = run.asked.some(({ chatId, messageId }) => messages.get(messageKey(chatId, messageId))?.deletedAt !== undefined);
      if (from === 0 && !isDeleted && !runs.get(run.id)) runs.put({ run: runFields(run), counted: 0 });
      if (steps.length === 0) return;
      const row = runs.get(run.id);
      for (const [at, step] of steps.entries()) {
        const taken = runSteps.get(stepKey(run.id, from + at));
        if (!row || row.endedAt !== undefined || (taken && taken.writer !== writer))
          throw concurrency(`another process goes on with run ${run.id}, it has ended, or what it answers is deleted`);
        if (!taken) runSteps.put({ runId: run.id, seq: from + at, writer, step });
      }
    },
    openTurn: async (chatId) => {
      const [row] = select(
        runs.rows(),
        ({ run, endedAt }) => run.chatId === chatId && run.promiseId === undefined && endedAt === undefined,
        newestFirst,
        1,
      );
      return row && stored(row);
    },
    ofPromise: async (promiseId, limit) =>
      select(runs.rows(), ({ run }) => run.promiseId === promiseId, newestFirst, limit)
        .toReversed()
        .map(stored),
    ofTurn: async (turnId) => {
      const [row] = select(runs.rows(), (each) => each.turnId === turnId, newestFirst, 1);
      return row && stored(row);
    },
    countUsage: async (id, steps) => {
      const row = runs.get(id);
      if (row && steps > row.counted) runs.put({ ...row, counted: steps });
      return row?.counted ?? 0;
    },
    end: async (id, at, turnId) => {
      const row = runs.get(id);
      if (row && row.endedAt === undefined) runs.put({ ...row, endedAt: at, ...(turnId === undefined ? {} : { turnId }) });
    },
    openTurns: async ({ before, limit }) =>
      select(
        runs.rows(),
        ({ run, endedAt }) => run.promiseId === undefined && endedAt === undefined && run.startedAt < before,
        (a, b) => -newestFirst(a, b),
        limit,
      ).map(stored),
    purge: async ({ before, limit }) => {
      const purged = select(
        runs.rows(),
        ({ run, endedAt }) => run.promiseId === undefined && endedAt !== undefined && endedAt < before,
        (a, b) => -newestFirst(a, b),
        limit,
      );
      for (const row of purged) remove(row);
      return purged.length;
    },
  };
};

/** Removes the runs of these promises with their steps. */
export const removeRunsOf = ({ runs, runSteps }: Tables, promises: ReadonlySet<PromiseId>): void => {
  const ofPromises = [...runs.rows()].filter(({ run }) => run.promiseId !== undefined && promises.has(run.promiseId));
  const gone = new Set(ofPromises.map(({ run }) => run.id));
  for (const row of [...runSteps.rows()]) if (gone.has(row.runId)) runSteps.remove(stepKey(row.runId, row.seq));
  for (const id of gone) runs.remove(id);
};
