import { resolve } from 'node:path';
import { errorCode } from '../../domain/shared/error-code.ts';
import { type McpFile, type McpServerSettings, readMcpFile } from '../mcp-file.ts';
import { type ConfigProblem, error } from '../problems.ts';
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
}

/** Reads the MCP servers whose tools agents may call. */
export const readMcp = (
  env: Values<typeof mcpVariables>,
  sources: ConfigSources,
): { readonly mcp: McpSettings; readonly secrets: readonly string[]; readonly problems: readonly ConfigProblem[] } => {
  const file = env.KEPT_MCP_CONFIG ?? DEFAULT_MCP_CONFIG;
  const path = resolve(sources.cwd, file);
  const nothing = (...problems: ConfigProblem[]) => ({ mcp: { file, path, servers: [] }, secrets: [], problems });
  let source: string | undefined;
  try {
    source = sources.readFile(path);
  } catch (thrown) {
    return nothing(error(file, `can't be read (${errorCode(thrown) ?? 'unknown reason'})`, 'check what it is, and who may read it'));
  }
  if (source === undefined)
    return env.KEPT_MCP_CONFIG === undefined
      ? nothing()
      : nothing(error('KEPT_MCP_CONFIG', `there is no file ${path}`, 'correct the path, or leave the variable unset'));
  const { servers, secrets, problems }: McpFile & { readonly problems: readonly ConfigProblem[] } = readMcpFile(file, source, sources.env);
  return { mcp: { file, path, servers }, secrets, problems };
};
