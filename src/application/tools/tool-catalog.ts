import type { Agent } from '../../domain/agent/agent.ts';
import type { Scope } from '../../domain/workspace/policy.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import type { ToolSource } from '../../ports/tool-source.ts';

/** Who would call tools, and where. */
export interface ToolCaller {
  readonly agent: Pick<Agent, 'name' | 'tools'>;
  readonly scope: Scope;
  /** The person whose message the agent answers, or whose promise it keeps. */
  readonly person: ToolContext['requestedBy'];
}

/** Whether a caller may be offered a tool that its agent names. */
export type MayCall = (tool: Tool, caller: ToolCaller) => boolean;

/** All tools that there are, from all sources. */
export interface ToolCatalog {
  /**
   * The tools that a caller is offered: those that its agent names, and that its workspace and person may use. Always
   * in one order, so that models can go on from what they have cached.
   */
  toolsFor(caller: ToolCaller): readonly Tool[];
  /** Every tool, whoever may call it. */
  list(): readonly Tool[];
}

/** Throws a TypeError that names both sources where two tools have one name. */
export const makeToolCatalog = (sources: readonly ToolSource[], mayCall: MayCall = () => true): ToolCatalog => {
  const offered = sources.flatMap((source) => source.tools().map((tool) => ({ tool, source: source.name })));
  for (const [name, same] of Map.groupBy(offered, ({ tool }) => tool.name))
    if (same.length > 1)
      throw new TypeError(
        `${same.length} tools are named ${JSON.stringify(name)}: they come from ${inWords(same.map(({ source }) => source))}`,
      );
  const tools = offered.map(({ tool }) => tool);
  return {
    toolsFor: (caller) => tools.filter((tool) => caller.agent.tools.includes(tool.name) && mayCall(tool, caller)),
    list: () => tools,
  };
};

const inWords = (sources: readonly string[]): string => sources.map((source) => JSON.stringify(source)).join(' and ');
