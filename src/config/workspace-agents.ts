import { lackedBy } from '../domain/agent/lacking-tools.ts';
import { type Skill, withSkills } from '../domain/agent/skill.ts';
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
  return workspaces.flatMap(({ name, agent }) => {
    if (agent === undefined) return [];
    const place = `workspaces.${name}.agent`;
    const found = all.find((each) => each.agent.name === agent)?.agent;
    if (!found)
      return error(place, `there is no agent "${agent}"`, suggestion(nearestName(agent, names), `there are: ${names.join(', ')}`));
    const lacked = lackedBy(withSkills(found, skills), isSet);
    return lacked.length === 0
      ? []
      : warning(place, `the agent "${agent}" has no tools here`, `set ${lacked.join(' and ')}, or name another agent`);
  });
};
