import { resolve } from 'node:path';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import { type McpServerSettings, readMcpFile } from '../mcp-file.ts';
import { type ConfigProblem, error, suggestion, warning } from '../problems.ts';
import { readText } from '../read-text.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { text } from '../variable-kinds.ts';

export const mcpVariables = { KEPT_MCP_CONFIG: text('file') };

export const DEFAULT_MCP_CONFIG = '.mcp.json';

export interface McpSettings {
  /** As problems name it. */
  readonly file: string;
  /** Absolute. The file may be absent when it is the default one. Servers start in its directory. */
  readonly path: string;
  readonly servers: readonly McpServerSettings[];
  /** Names of the servers that the file has disabled. */
  readonly disabled: readonly string[];
}

/** Reads the MCP servers whose tools agents may call. */
export const readMcp = (
  env: Values<typeof mcpVariables>,
  sources: ConfigSources,
): { readonly mcp: McpSettings; readonly secrets: readonly string[]; readonly problems: readonly ConfigProblem[] } => {
  const file = env.KEPT_MCP_CONFIG ?? DEFAULT_MCP_CONFIG;
  const path = resolve(sources.cwd, file);
  const nothing = (...problems: ConfigProblem[]) => ({ mcp: { file, path, servers: [], disabled: [] }, secrets: [], problems });
  const text = readText(path, file, sources);
  if (!text.ok) return nothing(text.error);
  const source = text.value;
  if (source === undefined)
    return env.KEPT_MCP_CONFIG === undefined
      ? nothing()
      : nothing(error('KEPT_MCP_CONFIG', `there is no file ${path}`, 'correct the path, or leave the variable unset'));
  const { servers, disabled, secrets, problems } = readMcpFile(file, source, sources.env);
  return { mcp: { file, path, servers, disabled }, secrets, problems };
};

/** What the workspace file says of MCP servers that does not fit them: it has no effect. `file` is that file's name. */
export const mcpRuleProblems = (
  file: string,
  { workspaces, whitelist }: AccessPolicy,
  { servers, disabled, file: mcpFile }: McpSettings,
): readonly ConfigProblem[] => {
  const known = servers.map(({ name }) => name);
  const there = known.length === 0 ? `${mcpFile} names no server` : `there are: ${known.join(', ')}`;
  const unknown = (place: string, server: string): readonly ConfigProblem[] => {
    if (known.includes(server)) return [];
    if (disabled.includes(server))
      return [warning(`${file}: ${place}`, `the MCP server "${server}" is disabled in ${mcpFile}`, 'remove "disabled" from its entry')];
    return [warning(`${file}: ${place}`, `no MCP server is called "${server}"`, suggestion(nearestName(server, known), there))];
  };
  const ofTool = (place: string, pattern: string): readonly ConfigProblem[] => {
    const [, server] = /^mcp__([^*]+?)__./.exec(pattern) ?? [];
    if (server !== undefined) return unknown(place, server);
    const [start = '', ...more] = pattern.split('*');
    const isPattern = more.length > 0;
    if (isPattern && PREFIX.startsWith(start)) return [];
    if (isPattern && start.startsWith(PREFIX) && known.some((name) => `${PREFIX}${name}__`.startsWith(start))) return [];
    return [
      warning(`${file}: ${place}`, `"${pattern}" fits no tool of an MCP server`, 'write mcp__<server>__<tool>, with * for any letters'),
    ];
  };
  const ofAgents = (place: string, pattern: string): readonly ConfigProblem[] => (pattern.startsWith('mcp') ? ofTool(place, pattern) : []);
  return [
    ...workspaces.flatMap(({ name, tools = [], mcpServers = [], mcpSafeTools = [], approve = [] }) => [
      ...tools.flatMap((pattern, i) => ofAgents(`workspaces.${name}.tools[${i}]`, pattern)),
      ...approve.flatMap((pattern, i) => ofAgents(`workspaces.${name}.approve[${i}]`, pattern)),
      ...mcpServers.flatMap((server, i) => unknown(`workspaces.${name}.mcp_servers[${i}]`, server)),
      ...mcpSafeTools.flatMap((pattern, i) => ofTool(`workspaces.${name}.mcp_safe_tools[${i}]`, pattern)),
    ]),
    ...(whitelist.mcpSafeTools ?? []).flatMap((pattern, i) => ofTool(`dm_whitelist.mcp_safe_tools[${i}]`, pattern)),
  ];
};

const PREFIX = 'mcp__';
