import type { Agent } from './agent.ts';

/** The variable that brings a service, for each tool that is there only with it. */
const NEEDED: ReadonlyMap<string, string> = new Map([
  ['query_notion', 'NOTION_API_KEY'],
  ['read_notion_page', 'NOTION_API_KEY'],
  ['search_web', 'PERPLEXITY_API_KEY'],
]);

/**
 * The variables that bring the tools of an agent which has not one of them here; empty if it has one, or names none.
 */
export const lackedBy = ({ tools }: Pick<Agent, 'tools'>, isSet: (variable: string) => boolean): readonly string[] => {
  const needed = tools.map((tool) => NEEDED.get(tool));
  const lacked = needed.flatMap((variable) => (variable !== undefined && !isSet(variable) ? variable : []));
  return lacked.length === tools.length ? [...new Set(lacked)] : [];
};
