export type { Config } from './config.ts';
export { VARIABLE_NAMES, type VariableName } from './environment.ts';
export { loadConfig } from './load-config.ts';
export { type McpServerSettings, readMcpFile } from './mcp-file.ts';
export type { ConfigProblem } from './problems.ts';
export { hasPackage, loadProcessConfig, readProcessConfig } from './process-config.ts';
export { isLoopback } from './sections/http.ts';
export type { ConfigSources } from './sources.ts';
export type { PathKind } from './workspace-policy.ts';
