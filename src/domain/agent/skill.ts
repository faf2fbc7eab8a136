import type { Agent } from './agent.ts';
import { fitsName } from './tool-name.ts';

/** Something that agents may read up on when they need it: a folder with a `SKILL.md`. */
export interface Skill {
  readonly name: string;
  /** What it is good for: by this, a model decides whether to read it. */
  readonly description: string;
  /** Absolute. */
  readonly directory: string;
}

/** The tool by which agents read skills. */
export const READ_SKILL = 'read_skill';

/** The skills that an agent names. */
export const skillsOf = ({ skills = [] }: Pick<Agent, 'skills'>, all: readonly Skill[]): readonly Skill[] =>
  all.filter(({ name }) => fitsName(name, skills));

/** The agent with its skills: their names stand at the end of its instructions, and it has the tool to read them. */
export const withSkills = (agent: Agent, all: readonly Skill[]): Agent => {
  const skills = skillsOf(agent, all);
  if (skills.length === 0) return agent;
  const lines = skills.map(({ name, description }) => `- ${name}: ${description}`);
  const instructions = `${agent.instructions}\n\nSkills that you may read with ${READ_SKILL} before you do what they are about:\n${lines.join('\n')}`;
  return { ...agent, instructions, tools: [...new Set([...agent.tools, READ_SKILL])] };
};
