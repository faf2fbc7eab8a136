import type { Usage } from '../../domain/conversation/turn.ts';
import type { ChatId } from '../../domain/message/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TurnStore } from '../../ports/conversation-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a chat's turns have used, today by UTC and in all. The runs of promises are not among them. */
export const makeTellUsage =
  ({ turns, clock }: { readonly turns: Pick<TurnStore, 'usage'>; readonly clock: Clock }) =>
  async (chatId: ChatId): Promise<string> => {
    const now = clock.now();
    const [today, all] = await Promise.all([turns.usage(chatId, now - (now % DAY_MS)), turns.usage(chatId, 0)]);
    return `Tokens used by the answers in this chat:\nToday (UTC): ${inWords(today)}\nIn all: ${inWords(all)}`;
  };

const inWords = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, turns }: Usage & { readonly turns: number }): string => {
  const cached = cacheReadTokens > 0 ? ` (${count(cacheReadTokens)} of them from the cache)` : '';
  const input = count(inputTokens + cacheReadTokens + cacheWriteTokens);
  return `${input} in${cached}, ${count(outputTokens)} out, ${count(turns)} ${turns === 1 ? 'turn' : 'turns'}`;
};

const count = (n: number): string => n.toLocaleString('en-US');
