import { resolve } from 'node:path';
import type { ReplyLimits } from '../../domain/agent/agent.ts';
import { BUILT_IN_AGENTS, KNOWN_TOOLS } from '../../domain/agent/built-in.ts';
import type { KnownModels } from '../../domain/agent/model-reference.ts';
import type { Skill } from '../../domain/agent/skill.ts';
import { type TurnSettings, turnSettings } from '../../domain/conversation/turn-settings.ts';
import { DEFAULT_PERSON_MESSAGES_PER_MINUTE } from '../../domain/message/rate.ts';
import { present } from '../../domain/shared/present.ts';
import { readAgentFiles, type SourcedAgent } from '../agents/agent-files.ts';
import { readSkillFiles } from '../agents/skill-files.ts';
import { type ConfigProblem, error } from '../problems.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { effort, outputTokens, seconds, text, wholeNumber } from '../variable-kinds.ts';

export const agentVariables = {
  KEPT_AGENTS_DIR: text('directory'),
  KEPT_SKILLS_DIR: text('directory'),
  AGENT_TIMEOUT_SECONDS: seconds(1, 86_400),
  MAX_CONVERSATION_HISTORY: wholeNumber(1, 10_000),
  KEPT_HISTORY_TOKENS: wholeNumber(500, 2_000_000),
  KEPT_PERSON_MESSAGES_PER_MINUTE: wholeNumber(1, 10_000),
  KEPT_CHAT_EFFORT: effort(),
  KEPT_CHAT_MAX_OUTPUT_TOKENS: outputTokens(),
  KEPT_PROMISE_EFFORT: effort(),
  KEPT_PROMISE_MAX_OUTPUT_TOKENS: outputTokens(),
};

export interface AgentSettings {
  /** How long a reply may take, and how much of a conversation a model is shown. */
  readonly turns: TurnSettings;
  /** How many messages of one person are answered in a minute. */
  readonly personMessagesPerMinute: number;
  /** What the agent that answers chats asks of a model, where that is set. */
  readonly chat: ReplyLimits;
  /** What the agent that keeps promises asks of a model, where that is set. */
  readonly promise: ReplyLimits;
  /** The built-in agents, and those of the files over them. */
  readonly all: readonly SourcedAgent[];
  readonly skills: readonly Skill[];
  /** Where their files are, absolute; there may be none. */
  readonly directories: { readonly agents: string; readonly skills: string };
  /** How problems of agents and skills begin. */
  readonly places: readonly string[];
}

const DEFAULT_AGENTS_DIR = 'config/agents';
const DEFAULT_SKILLS_DIR = 'config/skills';

/** Reads what is set for agents, their files and their skills. */
export const readAgents = (
  env: Values<typeof agentVariables>,
  models: KnownModels,
  sources: ConfigSources,
): { readonly agents: AgentSettings; readonly problems: readonly ConfigProblem[] } => {
  const skillsDir = placeOf('KEPT_SKILLS_DIR', env.KEPT_SKILLS_DIR, DEFAULT_SKILLS_DIR, sources);
  const agentsDir = placeOf('KEPT_AGENTS_DIR', env.KEPT_AGENTS_DIR, DEFAULT_AGENTS_DIR, sources);
  // What is not a directory has been reported already.
  const listed = (place: typeof skillsDir): ConfigSources =>
    place.problems.length > 0 ? { ...sources, listDirectory: () => [] } : sources;
  const { skills, problems: ofSkills } = readSkillFiles(skillsDir, listed(skillsDir));
  const known = { builtIn: BUILT_IN_AGENTS, models, skills, tools: KNOWN_TOOLS };
  const { agents: all, problems: ofAgents } = readAgentFiles(agentsDir, known, listed(agentsDir));
  const problems = [...skillsDir.problems, ...agentsDir.problems, ...ofSkills, ...ofAgents];
  const places = [agentsDir.named, skillsDir.named, 'KEPT_AGENTS_DIR', 'KEPT_SKILLS_DIR'];
  const directories = { agents: agentsDir.directory, skills: skillsDir.directory };
  return { agents: { ...settingsOf(env), all, skills, directories, places }, problems };
};

/** A directory that a variable names must be there. */
const placeOf = (variable: string, written: string | undefined, usual: string, { cwd, kindOf }: ConfigSources) => {
  const named = written ?? usual;
  const directory = resolve(cwd, named);
  const kind = kindOf(directory);
  const words = kind === 'missing' ? `there is no directory ${directory}` : `${directory} is not a directory`;
  const problem = error(variable, words, 'correct the path, or leave the variable unset');
  return { directory, named, problems: written !== undefined && kind !== 'directory' ? [problem] : [] };
};

/** The defaults stand in the domain. */
const settingsOf = (env: Values<typeof agentVariables>): Pick<AgentSettings, 'turns' | 'personMessagesPerMinute' | 'chat' | 'promise'> => ({
  personMessagesPerMinute: env.KEPT_PERSON_MESSAGES_PER_MINUTE ?? DEFAULT_PERSON_MESSAGES_PER_MINUTE,
  turns: turnSettings({
    replyTimeoutMs: env.AGENT_TIMEOUT_SECONDS,
    maxHistory: env.MAX_CONVERSATION_HISTORY,
    maxHistoryTokens: env.KEPT_HISTORY_TOKENS,
  }),
  chat: present({ effort: env.KEPT_CHAT_EFFORT, maxOutputTokens: env.KEPT_CHAT_MAX_OUTPUT_TOKENS }),
  promise: present({ effort: env.KEPT_PROMISE_EFFORT, maxOutputTokens: env.KEPT_PROMISE_MAX_OUTPUT_TOKENS }),
});
