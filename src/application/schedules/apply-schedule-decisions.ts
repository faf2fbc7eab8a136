import type { DecisionOf } from '../../domain/conversation/decision.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { endStored } from './end-schedule.ts';

/** Stores the schedules that a turn makes, inside its unit of work. */
export const applyMakeSchedule = (stores: Stores, decisions: readonly DecisionOf<'make-schedule'>[]): Promise<void> =>
  stores.schedules.add(decisions.map(({ schedule }) => schedule));

/** Ends schedules for a turn, inside its unit of work. One that has ended meanwhile stays as it is. */
export const applyEndSchedule = async (
  stores: Stores,
  decisions: readonly DecisionOf<'end-schedule'>[],
  { at }: { readonly at: number },
): Promise<void> => {
  for (const { scheduleId } of decisions) await endStored(stores, scheduleId, at);
};
