import type { ReplyLimits } from '../../domain/agent/agent.ts';
import { type TurnSettings, turnSettings } from '../../domain/conversation/turn-settings.ts';
import { present } from '../../domain/shared/present.ts';
import type { Values } from '../section.ts';
import { effort, outputTokens, seconds, wholeNumber } from '../variable-kinds.ts';

export const agentVariables = {
  AGENT_TIMEOUT_SECONDS: seconds(1, 86_400),
  MAX_CONVERSATION_HISTORY: wholeNumber(1, 10_000),
  KEPT_HISTORY_TOKENS: wholeNumber(500, 2_000_000),
  KEPT_CHAT_EFFORT: effort(),
  KEPT_CHAT_MAX_OUTPUT_TOKENS: outputTokens(),
  KEPT_PROMISE_EFFORT: effort(),
  KEPT_PROMISE_MAX_OUTPUT_TOKENS: outputTokens(),
};

export interface AgentSettings {
  /** How long a reply may take, and how much of a conversation a model is shown. */
  readonly turns: TurnSettings;
  /** What the agent that answers chats asks of a model, where that is set. */
  readonly chat: ReplyLimits;
  /** What the agent that keeps promises asks of a model, where that is set. */
  readonly promise: ReplyLimits;
}

/** The defaults stand in the domain. */
export const readAgents = (env: Values<typeof agentVariables>): AgentSettings => ({
  turns: turnSettings({
    replyTimeoutMs: env.AGENT_TIMEOUT_SECONDS,
    maxHistory: env.MAX_CONVERSATION_HISTORY,
    maxHistoryTokens: env.KEPT_HISTORY_TOKENS,
  }),
  chat: present({ effort: env.KEPT_CHAT_EFFORT, maxOutputTokens: env.KEPT_CHAT_MAX_OUTPUT_TOKENS }),
  promise: present({ effort: env.KEPT_PROMISE_EFFORT, maxOutputTokens: env.KEPT_PROMISE_MAX_OUTPUT_TOKENS }),
});
