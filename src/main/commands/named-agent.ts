import { type Config, isConfigured } from '../../config/index.ts';
import { lackedBy } from '../../domain/agent/lacking-tools.ts';
import { noSuchAgent } from '../../domain/agent/no-such-agent.ts';
import { withSkills } from '../../domain/agent/skill.ts';
import { CommandError, UsageError } from '../failures.ts';

/** Why no promise can be made for an agent of this name: a worker would find out only when it begins. */
export const whyNotAgent = (name: string, config: Pick<Config, 'agents' | 'notion' | 'search'>): Error | undefined => {
  const { all, skills } = config.agents;
  const names = all.map(({ agent }) => agent.name);
  const found = all.find(({ agent }) => agent.name === name)?.agent;
  if (!found) return new UsageError(noSuchAgent(name, names), 'agent/not-found');
  const lacked = lackedBy(withSkills(found, skills), isConfigured(config));
  return lacked.length === 0 ? undefined : new CommandError(`${name} has no tools here: set ${lacked.join(' and ')}`, 'agent/no-tools');
};
