import type { Tool } from './tool.ts';

/** Provides tools: a part of Kept, a tool server, or a program that uses the library. */
export interface ToolSource {
  /** Names the source in the error if two sources offer a tool of the same name. */
  readonly name: string;
  /** The tools that it has now; they may change between runs. MUST NOT wait. */
  tools(): readonly Tool[];
}

/** A source of these tools. */
export const toolSource = (name: string, tools: readonly Tool[]): ToolSource => ({ name, tools: () => tools });
