export type { Config, ConfigProblem, ModelProvider } from './config.ts';
export { VARIABLE_NAMES, type VariableName } from './environment.ts';
export { isLoopback } from './http-settings.ts';
export { loadConfig } from './load-config.ts';
export { loadProcessConfig, readProcessConfig } from './process-config.ts';
export type { ConfigSources } from './sources.ts';
export type { PathKind } from './workspace-policy.ts';
