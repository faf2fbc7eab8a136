/**
 * How much a model thinks before and while it answers, from least to most. A model without such a level takes its
 * nearest.
 */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** A named agent: who it is, and what it may do. */
export interface Agent {
  readonly name: string;
  readonly description: string;
  readonly instructions: string;
  /** Asked before the models of the installation, which stand in for it: `anthropic/claude-sonnet-5-5`, `openai`. */
  readonly model?: string;
  /** Names of the tools that it may call, or patterns of them such as `mcp__notion__*`. */
  readonly tools: readonly string[];
  /** Names of the skills that it may read. Absent: none. */
  readonly skills?: readonly string[];
  readonly limits: AgentLimits;
}

/** The agent that keeps promises where none is named. */
export const DEFAULT_PROMISE_AGENT = 'valor_agent';

/** As models, tables and files take it. */
export const isAgentName = (name: string): boolean => /^[a-z][a-z0-9_-]{0,63}$/.test(name);

/** What is asked of a model at each of its replies. */
export interface ReplyLimits {
  /** Absent: as the model has it. */
  readonly effort?: Effort;
  /** Thoughts included; a model that gives less is asked for what it gives. */
  readonly maxOutputTokens?: number;
}

export interface AgentLimits extends ReplyLimits {
  /** Model calls in one run, at the most. */
  readonly maxSteps: number;
  readonly maxOutputTokens: number;
  /** How long one run may take, in seconds. Absent: as long as the turn or the attempt may. */
  readonly timeoutSeconds?: number;
}

/**
 * The longest answer of an agent, in UTF-16 units: what it writes beyond is cut off, with a note. As long as a message
 * may be.
 */
export const MAX_ANSWER_LENGTH = 100_000;
/** Tool calls that one reply of a model may make; those beyond are not run, and the model is told so. */
export const MAX_CALLS_PER_REPLY = 64;
/** Tool calls of one run, over all its steps; then the model is asked for its answer. */
export const MAX_CALLS_PER_RUN = 256;
/** What a run may add to its conversation, in UTF-16 units; then the model is asked for its answer. */
export const MAX_RUN_LENGTH = 1_000_000;

/** For answers that somebody waits for. */
export const DEFAULT_LIMITS: AgentLimits = { maxSteps: 16, maxOutputTokens: 32_000, effort: 'medium' };
