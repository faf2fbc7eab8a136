export { type PromiseTools, type ServeMcpOptions, serveMcp } from './serve-mcp.ts';
