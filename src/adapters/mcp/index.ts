export type { ServerState } from './kept-alive.ts';
export type { McpServer } from './mcp-server.ts';
export { type McpServers, type McpServersOptions, makeMcpServers, type ServerReport } from './mcp-servers.ts';
