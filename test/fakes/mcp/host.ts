/** A process that connects to an MCP server, then dies as in a power cut. */
import { processGroups } from '../../../src/adapters/child-process/index.ts';
import { makeMcpServers } from '../../../src/adapters/mcp/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';

const mcp = makeMcpServers({
  servers: [{ kind: 'stdio', name: 'own', command: process.execPath, args: process.argv.slice(2), env: {} }],
  directory: process.cwd(),
  env: process.env,
  version: '1',
  clock: systemClock,
  events: { emit: () => undefined },
  groups: processGroups,
});
mcp.start();
await mcp.ready(15_000);
process.kill(process.pid, 'SIGKILL');
