import { type ConversationStep, fitConversation } from '../../domain/conversation/conversation.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import type { Roles } from '../../domain/trust/speaker.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { makeNamedConversation } from '../agents/named-conversation.ts';
import { GOES_ON } from '../promises/make-promise.ts';

/** The most entries of the conversation that are searched for the turn. */
const MAX_SINCE = 200;

/**
 * The conversation that a promise continues, as a model sees it: up to the end of the turn that ran out of time,
 * including its tool calls. Empty if the promise does not continue a turn, or if the chat has forgotten it since.
 */
export const makeBegunTurn = ({
  stores: { conversations, messages },
  settings,
  policy,
}: {
  readonly policy: Roles;
  readonly stores: Pick<Stores, 'conversations' | 'messages'>;
  readonly settings: Pick<TurnSettings, 'maxHistory' | 'maxHistoryTokens'>;
}) => {
  const namedConversation = makeNamedConversation({ messages }, policy);
  return async ({ chatId, messageId, metadata }: AgentPromise): Promise<readonly ConversationStep[]> => {
    if (metadata[GOES_ON] !== true || messageId === undefined) return [];
    const entries = await conversations.recent(chatId, settings.maxHistory + MAX_SINCE);
    const asked = entries.findLast(({ step, turnId }) => step.role === 'person' && step.messageId === messageId && turnId !== undefined);
    const record = await messages.get(chatId, messageId);
    if (!asked || !record) return [];
    const end = entries.findLastIndex(({ turnId }) => turnId === asked.turnId) + 1;
    const { before } = await namedConversation(entries.slice(0, end), [record]);
    return fitConversation(before, { maxSteps: settings.maxHistory, maxTokens: settings.maxHistoryTokens });
  };
};
