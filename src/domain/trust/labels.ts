/** Where a part of a model's context comes from. `agent`: a model wrote it; what it read is labelled beside it. */
export const SOURCES = ['operator', 'member', 'guest', 'web', 'notion', 'file', 'mcp', 'agent'] as const;
export type Source = (typeof SOURCES)[number];

/** A source; of an MCP server, with its name: `mcp:tracker`. */
export type TrustLabel = Exclude<Source, 'mcp'> | `mcp:${string}`;
