import type { Agent } from '../domain/agent/agent.ts';
import { codingRefusal } from '../domain/coding/coding-task.ts';
import type { CronCalendar } from '../ports/cron-calendar.ts';
import type { Events } from '../ports/events.ts';
import type { Stores } from '../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../ports/tool.ts';
import type { ToolSource } from '../ports/tool-source.ts';
import type { WorkspaceFiles } from '../ports/workspace-files.ts';
import type { AgentCatalog } from './agents/agent-catalog.ts';
import { makeGuardDrafts } from './approvals/guard-drafts.ts';
import type { CoreParts, Optional } from './parts.ts';
import { makeDraftCancellation } from './promises/command-promise.ts';
import { makeListPromises } from './promises/list-promises.ts';
import { makeDraftPromise } from './promises/make-promise.ts';
import { makeRightOver } from './promises/right-over.ts';
import { makeDraftFact, makeDraftForgetting, makeRecallFacts } from './recall/facts.ts';
import { makeDraftLink, makeSearchLinks } from './recall/links.ts';
import { makeSearchHistory } from './recall/search-history.ts';
import { makeDraftScheduleEnd } from './schedules/end-schedule.ts';
import { makeListSchedules } from './schedules/list-schedules.ts';
import { makeDraftSchedule } from './schedules/make-schedule.ts';
import type { CodingParts } from './worker/coding-executor.ts';

/** The tools that come with Kept, by group. */
export const BUILT_IN_TOOLS = {
  promises: ['make_promise', 'list_promises', 'cancel_promise'],
  schedules: ['schedule_promise', 'list_schedules', 'cancel_schedule'],
  files: ['read_file', 'list_files', 'search_files'],
  recall: ['search_history', 'remember', 'recall', 'forget', 'save_link', 'search_links'],
  /** Loaded where there is a coding agent. */
  coding: ['delegate_coding_task'],
} as const;

export type ToolGroup = keyof typeof BUILT_IN_TOOLS;
export const TOOL_GROUPS = Object.keys(BUILT_IN_TOOLS) as readonly ToolGroup[];

/** What stands on third-party modules, and is loaded when it is needed. */
export interface BuiltIns {
  readonly toolSources: readonly ToolSource[];
  readonly calendar: CronCalendar;
  /** The given coding agent, with all that it needs. */
  readonly coding?: CodingParts | undefined;
  readonly files: WorkspaceFiles;
}

export type LoadBuiltIns = (wanted: {
  readonly groups: readonly ToolGroup[];
  readonly parts: Pick<CoreParts, 'storage' | 'clock' | 'events' | 'redact' | 'retry' | 'policy' | 'calendar' | 'timeZone'>;
  /** Directories that no file tool shows, even inside a workspace. */
  readonly hidden: readonly string[];
  readonly coding?: GivenCoding | undefined;
}) => Promise<BuiltIns>;

/** A coding agent, and as much of what it needs as the program has of its own. */
export type GivenCoding = Pick<CodingParts, 'agent'> & Optional<Omit<CodingParts, 'agent'>>;

/** What the tools for promises, schedules and recall do, within the turn that calls them. */
export const makeToolActions = (
  deps: Required<Pick<CoreParts, 'clock' | 'redact' | 'retry' | 'policy' | 'calendar' | 'timeZone'>> & {
    readonly stores: Pick<Stores, 'promises' | 'approvals' | 'schedules' | 'conversations' | 'messages' | 'facts' | 'links'>;
    /** Whose agents may be chosen for a promise. Default: none, and the default agent keeps all. */
    readonly agents?: AgentCatalog | undefined;
    /** Whether an agent has none of its tools here: no promise is offered it. Default: each has some. */
    readonly isIdle?: (agent: Agent) => boolean;
    /** Is told who asked for what they may not do. */
    readonly events?: Events | undefined;
    /** How long an approval waits for a decision. Default: a day. */
    readonly approvalMs?: number | undefined;
  },
) => {
  const { clock, redact, retry, policy, calendar, timeZone } = deps;
  const { promises, approvals, schedules, conversations, messages, facts, links } = deps.stores;
  const mayCommand = makeRightOver(policy, deps.events);
  return {
    draftPromise: makeDraftPromise({
      promises,
      clock,
      redact,
      retry,
      policy,
      timeZone,
      guard: makeGuardDrafts({ approvals, clock, redact, policy, approvalMs: deps.approvalMs }),
    }),
    listPromises: makeListPromises({ promises }),
    cancelPromise: makeDraftCancellation({ promises, clock, mayCommand }),
    draftSchedule: makeDraftSchedule({ schedules, clock, redact, retry, policy, calendar, timeZone }),
    listSchedules: makeListSchedules({ schedules }),
    endSchedule: makeDraftScheduleEnd({ schedules, clock, mayCommand }),
    searchHistory: makeSearchHistory({ conversations, messages }),
    draftFact: makeDraftFact({ facts, clock, redact }),
    recallFacts: makeRecallFacts({ facts }),
    draftForgetting: makeDraftForgetting({ facts }),
    draftLink: makeDraftLink({ clock, redact }),
    searchLinks: makeSearchLinks({ links }),
    // Where no dev group is, people are asked; a group that is no workspace's has nobody who could be.
    codingRefusal: (context: ToolContext) => (context.scope.workspace === undefined ? codingRefusal(policy, context) : undefined),
    clock,
    timeZone,
    agents: deps.agents && agentsForPromises(deps.agents, deps.isIdle),
  };
};

/** The agents that may keep promises, the usual one first. */
const agentsForPromises = (agents: AgentCatalog, isIdle: (agent: Agent) => boolean = () => false): readonly string[] => {
  const usual = agents.promiseAgent().name;
  const others = agents.list().flatMap((agent) => (isIdle(agent) ? [] : agent.name));
  return [usual, ...others.filter((name) => name !== usual && name !== agents.chatAgent().name)];
};
