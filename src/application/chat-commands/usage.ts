import type { ChatId } from '../../domain/chat/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TurnStore } from '../../ports/storage/conversation-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What a chat has used, today by UTC and in all: its turns and attempts at its promises, whatever they came to.
 */
export const makeTellUsage =
  ({ turns, clock }: { readonly turns: Pick<TurnStore, 'usage'>; readonly clock: Clock }) =>
  async (chatId: ChatId): Promise<string> => {
    const now = clock.now();
    const [today, all] = await Promise.all([turns.usage(chatId, now - (now % DAY_MS)), turns.usage(chatId, 0)]);
    return `Tokens used by the answers and promises of this chat:\nToday (UTC): ${inWords(today)}\nIn all: ${inWords(all)}`;
  };

type Used = Awaited<ReturnType<TurnStore['usage']>>;

const inWords = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, turns, attempts }: Used): string => {
  const cached = cacheReadTokens > 0 ? ` (${count(cacheReadTokens)} of them from the cache)` : '';
  const input = count(inputTokens + cacheReadTokens + cacheWriteTokens);
  const others =
    attempts === 0 ? '' : `, ${count(attempts)} ${attempts === 1 ? 'run' : 'runs'} beside (promises, and answers that were ended)`;
  return `${input} in${cached}, ${count(outputTokens)} out, ${count(turns)} ${turns === 1 ? 'turn' : 'turns'}${others}`;
};

const count = (n: number): string => n.toLocaleString('en-US');
