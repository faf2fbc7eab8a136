import type { Tool } from './tool.ts';

/** Where tools come from: a part of Kept, a server of other people's tools, a library's user. */
export interface ToolSource {
  /** Names the source where two of them offer a tool of one name. */
  readonly name: string;
  /** MUST give the same tools at every call. */
  tools(): readonly Tool[];
}

/** A source of these tools. */
export const toolSource = (name: string, tools: readonly Tool[]): ToolSource => ({ name, tools: () => tools });
