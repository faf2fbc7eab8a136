import type { LoadBuiltIns } from '../application/index.ts';
import {
  makeDraftCancellation,
  makeDraftPromise,
  makeDraftSchedule,
  makeDraftScheduleEnd,
  makeListPromises,
  makeListSchedules,
} from '../application/index.ts';

/**
 * The tools and the calendar that come with Kept. They stand on zod, ignore and croner, which are loaded here and no sooner: importing
 * `kept` loads no third-party module.
 */
export const loadBuiltIns: LoadBuiltIns = async ({ groups, parts, hidden }) => {
  const [{ makeFileTools, makePromiseTools, makeScheduleTools }, { makeWorkspaceFiles }, { cronCalendar }] = await Promise.all([
    import('../adapters/tools/index.ts'),
    import('../adapters/files/index.ts'),
    import('../adapters/cron/index.ts'),
  ]);
  const { storage, clock, redact, retry, policy, calendar = cronCalendar, timeZone = 'UTC' } = parts;
  const { promises, schedules } = storage.stores;
  const made = { clock, redact, retry, policy, timeZone };
  const tools = {
    promises: makePromiseTools({
      draftPromise: makeDraftPromise({ ...made, promises }),
      listPromises: makeListPromises({ promises }),
      cancelPromise: makeDraftCancellation({ promises, clock }),
      clock,
      timeZone,
    }),
    schedules: makeScheduleTools({
      draftSchedule: makeDraftSchedule({ ...made, schedules, calendar }),
      listSchedules: makeListSchedules({ schedules }),
      endSchedule: makeDraftScheduleEnd({ schedules, clock }),
      timeZone,
    }),
    files: makeFileTools(makeWorkspaceFiles({ hidden })),
  };
  return { tools: groups.flatMap((group) => tools[group]), calendar };
};
