import type { McpServers, ServerReport } from '../../adapters/mcp/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { Finding, HealthProbe } from '../../ports/index.ts';
import { asking } from './asking.ts';

/** A probe of each MCP server, by what the process that keeps it alive knows. */
export const mcpProbes = (
  { mcp: { servers, path } }: Config,
  running: () => Promise<Pick<McpServers, 'report'> | undefined>,
): readonly HealthProbe[] =>
  servers.map(({ name }) => ({
    ...asking({
      id: `mcp.${name}`,
      depth: 'local',
      broken: 'warn',
      where: path,
      help: doctorHint,
      ask: async () =>
        mcpFinding(
          (await running())?.report().find((report) => report.name === name),
          path,
        ),
    }),
    mcpServer: name,
  }));

/** A probe of each MCP server that starts it, and ends it again. */
export const mcpStartProbes = (
  config: Config,
  start: (name: string, signal: AbortSignal) => Promise<ServerReport | undefined>,
): readonly HealthProbe[] =>
  config.mcp.servers.map(({ name }) =>
    asking({
      id: `mcp.${name}`,
      depth: 'deep',
      limitMs: START_MS,
      broken: 'warn',
      where: config.mcp.path,
      help: doctorHint,
      ask: async (signal) => mcpFinding(await start(name, signal), config.mcp.path),
    }),
  );

const START_MS = 30_000;

const doctorHint = (): string => `${commandHint('mcp doctor')} starts it, and says what is wrong`;

const mcpFinding = (report: ServerReport | undefined, where: string): Finding => {
  if (!report) return { status: 'skipped', message: 'it was not started by this process' };
  const { state, tools, leftOut } = report;
  switch (state.status) {
    case 'connected':
      return { status: 'ok', message: `connected, ${tools.length} tools${leftOut.length > 0 ? `, ${leftOut.length} left out` : ''}` };
    case 'failed':
      return { status: 'warn', message: state.reason, where, fixHint: state.help ?? doctorHint() };
    case 'starting':
      return {
        status: 'warn',
        message: `it has not started yet${state.reason === undefined ? '' : `: ${state.reason}`}`,
        where,
        ...present({ fixHint: state.help ?? doctorHint() }),
      };
    default:
      return { status: 'skipped', message: 'it is stopped, with the process' };
  }
};
