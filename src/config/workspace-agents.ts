import { KNOWN_TOOLS } from '../domain/agent/built-in.ts';
import { lackedBy } from '../domain/agent/lacking-tools.ts';
import { type Skill, withSkills } from '../domain/agent/skill.ts';
import { fitsName } from '../domain/agent/tool-name.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import type { Workspace } from '../domain/workspace/policy.ts';
import type { SourcedAgent } from './agents/agent-files.ts';
import { type ConfigProblem, error, suggestion, warning } from './problems.ts';

/** Workspaces that name an agent which is not there, or which has none of its tools here. */
export const workspaceAgentProblems = (
  workspaces: readonly Workspace[],
  { all, skills }: { readonly all: readonly SourcedAgent[]; readonly skills: readonly Skill[] },
  isSet: (variable: string) => boolean,
): readonly ConfigProblem[] => {
  const names = all.map(({ agent }) => agent.name);
  return workspaces.flatMap(({ name, agent, tools = [], approve = [] }) => {
    const ofTools = [
      ...tools.flatMap((tool, i) => toolProblems(`workspaces.${name}.tools[${i}]`, tool)),
      ...approve.flatMap((tool, i) => approvalProblems(`workspaces.${name}.approve[${i}]`, tool)),
    ];
    if (agent === undefined) return ofTools;
    const place = `workspaces.${name}.agent`;
    const found = all.find((each) => each.agent.name === agent)?.agent;
    if (!found)
      return [
        ...ofTools,
        error(place, `there is no agent "${agent}"`, suggestion(nearestName(agent, names), `there are: ${names.join(', ')}`)),
      ];
    const lacked = lackedBy(withSkills(found, skills), isSet);
    return lacked.length === 0
      ? ofTools
      : [...ofTools, warning(place, `the agent "${agent}" has no tools here`, `set ${lacked.join(' and ')}, or name another agent`)];
  });
};

/** Tools that decide at once, with the answer: nothing of them can wait for an approval. */
const NEVER_WAITS: readonly string[] = [
  'cancel_promise',
  'schedule_promise',
  'cancel_schedule',
  'remember',
  'forget',
  'save_link',
  'report_failure',
];
const approvalProblems = (place: string, tool: string): readonly ConfigProblem[] =>
  NEVER_WAITS.includes(tool)
    ? [
        warning(
          place,
          `${tool} can't wait for an approval: agents are refused it here`,
          'leave it out of "approve"; to keep agents from it, list the others in "tools"',
        ),
      ]
    : toolProblems(place, tool);

/**
 * Tools of MCP servers are checked elsewhere: they are known only once the servers run. A name that fits no tool has no
 * effect, so that it does not keep Kept from starting.
 */
const toolProblems = (place: string, tool: string): readonly ConfigProblem[] => {
  const mayBeOfServer = /^(?:mcp__|mcp_?\*|mc?\*|\*)/.test(tool);
  if (mayBeOfServer || KNOWN_TOOLS.some((known) => fitsName(known, [tool]))) return [];
  return [warning(place, `there is no tool "${tool}"`, suggestion(nearestName(tool, KNOWN_TOOLS), `there are: ${KNOWN_TOOLS.join(', ')}`))];
};
