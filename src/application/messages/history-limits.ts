import type { ConversationEntry } from '../../domain/conversation/conversation.ts';
import type { ChatId } from '../../domain/message/ids.ts';
import type { Shortened } from '../agents/request-window.ts';

/** Chats whose limits are known; the one that was learnt first is forgotten first. */
const MAX_CHATS = 10_000;

interface Limit {
  readonly maxTokens: number;
  /** What was said before this time (ms since 1970) is refused. */
  readonly since: number;
}

/**
 * What of its history each chat's model takes, as its refusals have taught: the next turn does not begin too long
 * again. Known to this process alone: after a restart, one refused request teaches it anew.
 */
export const makeHistoryLimits = () => {
  const limits = new Map<ChatId, Limit>();
  const of = (chatId: ChatId): Limit => limits.get(chatId) ?? { maxTokens: Number.POSITIVE_INFINITY, since: 0 };
  return {
    maxTokens: (chatId: ChatId, most: number): number => Math.min(most, of(chatId).maxTokens),
    taken: (chatId: ChatId, history: readonly ConversationEntry[]): readonly ConversationEntry[] =>
      history.filter(({ at }) => at >= of(chatId).since),
    learn(chatId: ChatId, { reason, tokens }: Shortened, askedAt: number): void {
      const { maxTokens, since } = of(chatId);
      limits.delete(chatId);
      limits.set(chatId, reason === 'refused' ? { maxTokens, since: askedAt } : { maxTokens: Math.min(maxTokens, tokens), since });
      const [oldest] = limits.keys();
      if (limits.size > MAX_CHATS && oldest !== undefined) limits.delete(oldest);
    },
  };
};
