import { dirname } from 'node:path';
import type { Container } from 'inversify';
import { processGroups } from '../../adapters/child-process/index.ts';
import type { McpServers } from '../../adapters/mcp/index.ts';
import type { Config } from '../../config/index.ts';
import type { Clock, Events } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** How long the start waits for the tools of MCP servers. Slower ones bring theirs to later runs. */
const READY_MS = 5_000;

/** The MCP servers; undefined where none is configured, and then their library is not loaded. */
export const bindMcp = (container: Container): void =>
  bind(
    container,
    T.mcp,
    { config: T.config, clock: T.clock, events: T.events, lifecycle: T.lifecycle },
    async ({ config: { mcp }, clock, events, lifecycle }) => {
      if (mcp.servers.length === 0) return undefined;
      const servers = await makeServers(mcp, { clock, events });
      lifecycle.onStop('mcp servers', () => servers.stop());
      servers.start();
      await servers.ready(READY_MS);
      return servers;
    },
  );

/** The servers of the configuration, none of them started. */
export const makeServers = async (
  { servers, path }: Config['mcp'],
  { clock, events }: { readonly clock: Clock; readonly events: Events },
): Promise<McpServers> => {
  const { makeMcpServers } = await import('../../adapters/mcp/index.ts');
  return makeMcpServers({ servers, directory: dirname(path), env: process.env, version: VERSION, clock, events, groups: processGroups });
};
