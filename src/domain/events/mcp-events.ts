/** The MCP servers whose tools agents may call. */
export type McpEvent =
  | { readonly type: 'mcp-server-connected'; readonly server: string; readonly tools: number; readonly durationMs: number }
  | {
      readonly type: 'mcp-server-failed';
      readonly server: string;
      /** How often in a row. */
      readonly failures: number;
      readonly reason: string;
      /** When it is tried again. */
      readonly waitMs: number;
    }
  | { readonly type: 'mcp-tools-changed'; readonly server: string; readonly added: readonly string[]; readonly removed: readonly string[] }
  | {
      readonly type: 'mcp-tools-left-out';
      readonly server: string;
      readonly reason: string;
      /** The first ones. */
      readonly tools: readonly string[];
      readonly count: number;
    };
