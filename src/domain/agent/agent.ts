/** A named agent: who it is, and what it may do. */
export interface Agent {
  readonly name: string;
  readonly description: string;
  readonly instructions: string;
  /** Names of the tools that it may call. */
  readonly tools: readonly string[];
  readonly limits: AgentLimits;
}

export interface AgentLimits {
  /** Model calls in one run, at the most. */
  readonly maxSteps: number;
  readonly maxOutputTokens: number;
}

export const DEFAULT_LIMITS: AgentLimits = { maxSteps: 16, maxOutputTokens: 8_192 };
