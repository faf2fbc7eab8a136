import { type CodingParts, type GivenCoding, type LoadBuiltIns, makeToolActions } from '../application/index.ts';
import { DEFAULT_CODING_LIMITS } from '../domain/index.ts';
import { toolSource } from '../ports/index.ts';

/**
 * The built-in tools and calendar. They need zod, ignore and croner, which are loaded here, on demand: importing `kept`
 * loads no third-party module.
 */
export const loadBuiltIns: LoadBuiltIns = async ({ groups, parts, hidden, coding }) => {
  const [
    { makeCodingTools, makeFactTools, makeFileTools, makeHistoryTools, makeLinkTools, makePromiseTools, makeScheduleTools },
    { makeWorkspaceFiles },
    { cronCalendar },
  ] = await Promise.all([import('../adapters/tools/index.ts'), import('../adapters/files/index.ts'), import('../adapters/cron/index.ts')]);
  const { storage, clock, events, redact, retry, policy, calendar = cronCalendar, timeZone = 'UTC' } = parts;
  const actions = makeToolActions({ stores: storage.stores, clock, events, redact, retry, policy, calendar, timeZone });
  const files = makeWorkspaceFiles({ hidden });
  const tools = {
    promises: makePromiseTools(actions),
    schedules: makeScheduleTools(actions),
    files: makeFileTools(files),
    coding: makeCodingTools(actions),
    recall: [...makeHistoryTools(actions), ...makeFactTools(actions), ...makeLinkTools(actions)],
  };
  return {
    toolSources: groups.map((group) => toolSource(group, tools[group])),
    calendar,
    files,
    ...(coding ? { coding: await codingParts(coding) } : {}),
  };
};

/** Git, locks and the files of this machine are loaded where there is a coding agent. */
const codingParts = async ({ agent, changes, places, locks, limits = DEFAULT_CODING_LIMITS }: GivenCoding): Promise<CodingParts> => {
  const [{ makeGitChanges }, { workspacePlaces }, { makeDirectoryLocks, takeUserDirectory }] = await Promise.all([
    import('../adapters/git/index.ts'),
    import('../adapters/files/index.ts'),
    import('../adapters/system/index.ts'),
  ]);
  return {
    agent,
    changes: changes ?? makeGitChanges({ scratch: await takeUserDirectory('coding-states') }),
    places: places ?? workspacePlaces,
    locks: locks ?? makeDirectoryLocks(await takeUserDirectory('coding-locks')),
    limits,
  };
};
