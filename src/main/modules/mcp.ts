import { dirname } from 'node:path';
import type { Container } from 'inversify';
import { processGroups } from '../../adapters/child-process/index.ts';
import type { McpServers } from '../../adapters/mcp/index.ts';
import type { Config } from '../../config/index.ts';
import { viewOf } from '../../domain/shared/view.ts';
import { type Clock, type Events, PortError } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** How long the start waits for the tools of MCP servers. Slower ones bring theirs to later runs. */
const READY_MS = 5_000;

/**
 * The MCP servers; undefined where none is configured, and none can be later. Their library is loaded where there are
 * any.
 */
export const bindMcp = (container: Container): void =>
  bind(
    container,
    T.mcp,
    { config: T.config, live: T.live, clock: T.clock, events: T.events, lifecycle: T.lifecycle },
    async ({ config, live, clock, events, lifecycle }) => {
      const started = new Map<Config['mcp']['servers'], McpServers>();
      lifecycle.onStop('mcp servers', async () => {
        await Promise.all([...started.values()].map((servers) => servers.stop()));
      });
      const start = async (mcp: Config['mcp']): Promise<void> => {
        if (mcp.servers.length === 0 || started.has(mcp.servers)) return;
        const servers = await makeServers(mcp, { clock, events });
        started.set(mcp.servers, servers);
        servers.start();
        await servers.ready(READY_MS);
      };
      const present = live?.current() ?? config;
      await start(present.mcp);
      if (!live) return started.get(present.mcp.servers);
      live.onReload(async ({ mcp }) => {
        const before = live.current().mcp.servers;
        if (mcp.servers === before) return async () => undefined;
        await start(mcp);
        return async () => {
          const servers = started.get(before);
          started.delete(before);
          await servers?.stop();
        };
      });
      return viewOf(() => started.get(config.mcp.servers) ?? NO_SERVERS);
    },
  );

const NO_SERVERS: McpServers = {
  name: 'mcp',
  tools: () => [],
  start: () => undefined,
  ready: async () => undefined,
  report: () => [],
  call: async (server) => {
    throw new PortError('not-found', `there is no MCP server ${JSON.stringify(server)}`, { retryable: false });
  },
  stop: async () => undefined,
};

/** The servers of the configuration, none of them started. */
export const makeServers = async (
  { servers, path }: Config['mcp'],
  { clock, events }: { readonly clock: Clock; readonly events: Events },
): Promise<McpServers> => {
  const { makeMcpServers } = await import('../../adapters/mcp/index.ts');
  return makeMcpServers({ servers, directory: dirname(path), env: process.env, version: VERSION, clock, events, groups: processGroups });
};
