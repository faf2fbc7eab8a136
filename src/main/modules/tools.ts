import { resolve } from 'node:path';
import type { Container } from 'inversify';
import { makeWorkspaceFiles } from '../../adapters/files/index.ts';
import {
  makeCodingTools,
  makeFactTools,
  makeFileTools,
  makeHistoryTools,
  makeLinkTools,
  makePromiseTools,
  makeScheduleTools,
  makeSkillTool,
} from '../../adapters/tools/index.ts';
import { makeMayCall, makeToolActions, makeToolCatalog } from '../../application/index.ts';
import { type Config, isConfigured } from '../../config/index.ts';
import { lackedBy } from '../../domain/agent/lacking-tools.ts';
import type { Agent } from '../../domain/index.ts';
import { viewOf } from '../../domain/shared/view.ts';
import { type Tool, toolSource, type WorkspaceFiles } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { madeFrom } from '../live-config.ts';
import { TOKENS } from '../tokens.ts';
import { bindMcp } from './mcp.ts';
import { bindNotion } from './notion.ts';
import { bindSearch } from './search.ts';

const T = TOKENS;

/** What agents may call. */
export const bindTools = (container: Container): void => {
  bindMcp(container);
  bindSearch(container);
  bindNotion(container);
  bind(container, T.files, { config: T.config }, ({ config }) => {
    const made = madeFrom(
      () => [config.secrets] as const,
      () => makeWorkspaceFiles({ hidden: ownFiles(config), secrets: config.secrets }),
    );
    return viewOf(made);
  });
  bind(
    container,
    T.tools,
    {
      storage: T.storage,
      config: T.config,
      policy: T.policy,
      clock: T.clock,
      redact: T.redact,
      events: T.events,
      retry: T.retry,
      calendar: T.calendar,
      timeZone: T.timeZone,
      approvalMs: T.approvalMs,
      agents: T.agents,
      mcp: T.mcp,
      searchTools: T.searchTools,
      notionTools: T.notionTools,
      files: T.files,
    },
    ({
      storage: { stores },
      config,
      policy,
      clock,
      redact,
      events,
      retry,
      calendar,
      timeZone,
      approvalMs,
      agents,
      mcp,
      searchTools,
      notionTools,
      files,
    }) => {
      const parts = { stores, clock, events, redact, retry, policy, calendar, timeZone, approvalMs, agents, isIdle: isIdleIn(config) };
      const actions = makeToolActions(parts);
      return makeToolCatalog(
        [
          {
            name: 'promises',
            // They name the agents that may be chosen.
            tools: madeFrom(
              () => [config.agents.all] as const,
              () => {
                const now = makeToolActions(parts);
                return [...makePromiseTools(now), ...makeScheduleTools(now)];
              },
            ),
          },
          toolSource('files', makeFileTools(files)),
          { name: 'skills', tools: skillTools(config, files) },
          toolSource('recall', [...makeHistoryTools(actions), ...makeFactTools(actions), ...makeLinkTools(actions)]),
          ...(mcp ? [mcp] : []),
          ...(config.coding.agent === undefined ? [] : [toolSource('coding', makeCodingTools(actions))]),
          toolSource('search', searchTools),
          toolSource('notion', notionTools),
        ],
        makeMayCall(policy),
      );
    },
  );
};

/** The tool that reads skills, where there are any. */
const skillTools = (config: Config, files: WorkspaceFiles): (() => readonly Tool[]) =>
  madeFrom(
    () => [config.agents.skills] as const,
    () => (config.agents.skills.length === 0 ? [] : [makeSkillTool(config.agents.skills, files)]),
  );

/** Whether an agent has none of its tools: the services that bring them are not configured. */
const isIdleIn =
  (config: Config) =>
  (agent: Agent): boolean =>
    lackedBy(agent, isConfigured(config)).length > 0;

/** Kept's own files: its data, which holds every chat, its settings, MCP servers with their keys, and its own keys. */
export const ownFiles = ({ dataDir, http, mcp, secretFiles }: Config): string[] => [
  dataDir,
  resolve('.env'),
  mcp.path,
  ...(http.tls ? [http.tls.keyFile] : []),
  ...secretFiles.map(({ path }) => path),
];
