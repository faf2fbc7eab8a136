import type { UsageSum } from '../../domain/budget/ledger.ts';
import { inDollars } from '../../domain/budget/money.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TurnStore } from '../../ports/storage/conversation-store.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What a chat has used, today by UTC and in all: its turns and attempts at its promises, whatever they came to.
 */
export const makeTellUsage =
  ({ turns, ledger, clock }: { readonly turns: Pick<TurnStore, 'usage'>; readonly ledger: Pick<Ledger, 'total'>; readonly clock: Clock }) =>
  async (chatId: ChatId): Promise<string> => {
    const now = clock.now();
    const since = now - (now % DAY_MS);
    const [today, all, costToday, costOfAll] = await Promise.all([
      turns.usage(chatId, since),
      turns.usage(chatId, 0),
      ledger.total({ chatId, since }),
      ledger.total({ chatId }),
    ]);
    const tokens = `Tokens used by the answers and promises of this chat:\nToday (UTC): ${inWords(today)}\nIn all: ${inWords(all)}`;
    return costOfAll.cost > 0 ? `${tokens}\n${costInWords(costToday, costOfAll)}` : tokens;
  };

type Used = Awaited<ReturnType<TurnStore['usage']>>;

const inWords = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, turns, attempts }: Used): string => {
  const cached = cacheReadTokens > 0 ? ` (${count(cacheReadTokens)} of them from the cache)` : '';
  const input = count(inputTokens + cacheReadTokens + cacheWriteTokens);
  const others =
    attempts === 0 ? '' : `, ${count(attempts)} ${attempts === 1 ? 'run' : 'runs'} beside (promises, and answers that were ended)`;
  return `${input} in${cached}, ${count(outputTokens)} out, ${count(turns)} ${turns === 1 ? 'turn' : 'turns'}${others}`;
};

/** Nothing is said of costs where none is known. */
const costInWords = (today: UsageSum, all: UsageSum): string => {
  const without = all.unpriced > 0 ? `; ${count(all.unpriced)} of ${count(all.calls)} calls have no price` : '';
  return `Cost: ${inDollars(today.cost)} today, ${inDollars(all.cost)} in all${without}`;
};

const count = (n: number): string => n.toLocaleString('en-US');
