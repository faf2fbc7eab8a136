import { createHash } from 'node:crypto';

/** What every model API takes. */
const MAX_LENGTH = 64;

/**
 * The names under which models call the tools of a server, `mcp__<server>__<tool>`, by the names that the server gives
 * them. Each fits what model APIs take, none stands twice, and the order of the tools does not matter.
 */
export const toolNames = (server: string, tools: readonly string[]): ReadonlyMap<string, string> => {
  const prefix = `mcp__${server}__`;
  const plain = (tool: string): string => prefix + tool.replace(/[^A-Za-z\d_-]+/g, '_');
  const counts = new Map<string, number>();
  for (const tool of new Set(tools)) counts.set(plain(tool), (counts.get(plain(tool)) ?? 0) + 1);
  return new Map(
    tools.map((tool) => {
      const name = plain(tool);
      const isChanged = name !== prefix + tool;
      const isClear = name.length <= MAX_LENGTH && name.length > prefix.length;
      return [tool, isClear && (!isChanged || counts.get(name) === 1) ? name : marked(name, tool)];
    }),
  );
};

/** A name that only this tool has. */
const marked = (name: string, tool: string): string => {
  const mark = createHash('sha256').update(tool).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - mark.length - 1)}_${mark}`;
};
