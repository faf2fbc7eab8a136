import { type LoadBuiltIns, makeToolActions } from '../application/index.ts';
import { toolSource } from '../ports/index.ts';

/**
 * The built-in tools and calendar. They need zod, ignore and croner, which are loaded here, on demand: importing `kept`
 * loads no third-party module.
 */
export const loadBuiltIns: LoadBuiltIns = async ({ groups, parts, hidden }) => {
  const [
    { makeFactTools, makeFileTools, makeHistoryTools, makeLinkTools, makePromiseTools, makeScheduleTools },
    { makeWorkspaceFiles },
    { cronCalendar },
  ] = await Promise.all([import('../adapters/tools/index.ts'), import('../adapters/files/index.ts'), import('../adapters/cron/index.ts')]);
  const { storage, clock, redact, retry, policy, calendar = cronCalendar, timeZone = 'UTC' } = parts;
  const actions = makeToolActions({ stores: storage.stores, clock, redact, retry, policy, calendar, timeZone });
  const tools = {
    promises: makePromiseTools(actions),
    schedules: makeScheduleTools(actions),
    files: makeFileTools(makeWorkspaceFiles({ hidden })),
    recall: [...makeHistoryTools(actions), ...makeFactTools(actions), ...makeLinkTools(actions)],
  };
  return { toolSources: groups.map((group) => toolSource(group, tools[group])), calendar };
};
