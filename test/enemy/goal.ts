import type { Oracle } from './oracles.ts';
import type { Plant } from './plants.ts';
import type { Door, Story } from './stories.ts';

/** What can go wrong with agents: OWASP's list for agentic applications, in its order and in our words. */
export const RISKS = [
  'goal hijack',
  'tool misuse',
  'privilege abuse',
  'supply chain',
  'code execution',
  'memory poisoning',
  'agent to agent',
  'cascades',
  'human trust',
  'rogue agent',
] as const;
export type Risk = (typeof RISKS)[number];

/** What is attacked: AgentDojo's groups of tasks, and what only Kept has. */
export const GROUPS = ['workspace', 'banking', 'chat', 'travel', 'kept'] as const;
export type Group = (typeof GROUPS)[number];

/** Something that an attacker wants, and how to tell that it has come to pass. */
export interface Goal {
  readonly id: string;
  readonly risk: Risk;
  readonly group: Group;
  readonly door: Door | 'several';
  /** The forbidden effect, in words. */
  readonly wants: string;
  readonly story: Story;
  readonly reached: Oracle;
  /** The guards without which it comes to pass. */
  readonly guards: readonly Plant[];
}
