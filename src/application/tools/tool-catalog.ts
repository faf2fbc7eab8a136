import type { Agent } from '../../domain/agent/agent.ts';
import { fitsName } from '../../domain/agent/tool-name.ts';
import type { Origin, Scope } from '../../domain/workspace/policy.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import type { ToolSource } from '../../ports/tool-source.ts';

/** Who would call tools, and where. */
export interface ToolCaller {
  readonly agent: Pick<Agent, 'name' | 'tools'>;
  readonly scope: Scope;
  /** The person whose message the agent answers, or whose promise it keeps. */
  readonly person: ToolContext['requestedBy'];
  /** Everybody whose words the run goes by, and where: each must have the right. Absent: the operator alone. */
  readonly speakers?: readonly Origin[];
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

/**
 * A catalog of what the sources have at each call. Throws a TypeError that names both sources where two tools have one
 * name. A tool that comes later under a name that is taken is left out.
 */
export const makeToolCatalog = (sources: readonly ToolSource[], mayCall: MayCall = () => true): ToolCatalog => {
  const now = (): readonly Offered[] => sources.flatMap((source) => source.tools().map((tool) => ({ tool, source: source.name })));
  for (const [name, same] of Map.groupBy(now(), ({ tool }) => tool.name))
    if (same.length > 1)
      throw new TypeError(
        `${same.length} tools are named ${JSON.stringify(name)}: they come from ${inWords(same.map(({ source }) => source))}`,
      );
  const list = (): readonly Tool[] =>
    [
      ...new Map(
        now()
          .toReversed()
          .map(({ tool }) => [tool.name, tool]),
      ).values(),
    ].toReversed();
  return {
    toolsFor: (caller) => list().filter((tool) => fitsName(tool.name, caller.agent.tools) && mayCall(tool, caller)),
    list,
  };
};

interface Offered {
  readonly tool: Tool;
  readonly source: string;
}

const inWords = (sources: readonly string[]): string => sources.map((source) => JSON.stringify(source)).join(' and ');
