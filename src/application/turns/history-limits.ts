import type { ChatId } from '../../domain/chat/ids.ts';
import type { ConversationEntry } from '../../domain/conversation/conversation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Shortened } from '../agents/request-window.ts';
import type { CountedRequest } from '../agents/run-agent.ts';
import { putNewest } from './newest-chats.ts';

/** How long a limit holds: it may be that of a model that was asked in place of another. */
const HOLDS_MS = 60 * 60_000;

interface Limit {
  readonly maxTokens: number;
  /** The model refuses what was said before this time (ms since 1970). */
  readonly since: number;
  readonly learntAt: number;
}

/** Tokens that a model counts for one of the rough count: of Chinese up to four, of code about one. */
const LEAST_FACTOR = 0.5;
const MOST_FACTOR = 4;
/** How much the newest count says: a request that was repeated is counted more than once. */
const NEWEST = 0.3;

const NO_LIMIT: Limit = { maxTokens: Number.POSITIVE_INFINITY, since: 0, learntAt: 0 };

/**
 * How much of its history the model of each chat accepts, learnt from its refusals, so that the next turn does not
 * begin with a request that is too long, kept for an hour; and how many tokens it counts for one of the rough count.
 * This process alone knows them.
 */
export const makeHistoryLimits = (clock: Clock) => {
  const limits = new Map<ChatId, Limit>();
  const factors = new Map<ChatId, number>();
  const of = (chatId: ChatId): Limit => {
    const limit = limits.get(chatId);
    return limit && clock.now() - limit.learntAt < HOLDS_MS ? limit : NO_LIMIT;
  };
  return {
    /** By the rough count: how much of `most` tokens, as the model counts them, the history may have. */
    maxTokens: (chatId: ChatId, most: number): number => Math.min(Math.floor(most / (factors.get(chatId) ?? 1)), of(chatId).maxTokens),
    measured(chatId: ChatId, { tokens, estimated }: CountedRequest): void {
      if (tokens <= 0 || estimated <= 0) return;
      const seen = Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, tokens / estimated));
      const known = factors.get(chatId);
      putNewest(factors, chatId, known === undefined ? seen : known + NEWEST * (seen - known));
    },
    taken: (chatId: ChatId, history: readonly ConversationEntry[]): readonly ConversationEntry[] =>
      history.filter(({ at }) => at >= of(chatId).since),
    learn(chatId: ChatId, { reason, tokens }: Shortened, askedAt: number): void {
      const before = { ...of(chatId), learntAt: clock.now() };
      const limit = reason === 'refused' ? { ...before, since: askedAt } : { ...before, maxTokens: Math.min(before.maxTokens, tokens) };
      putNewest(limits, chatId, limit);
    },
  };
};

export type HistoryLimits = ReturnType<typeof makeHistoryLimits>;
