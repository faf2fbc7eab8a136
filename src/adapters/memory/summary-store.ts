import { isSameSummary, summaryFields } from '../../domain/index.ts';
import type { SummaryStore } from '../../ports/index.ts';
import type { Tables } from './tables.ts';

export const makeSummaryStore = ({ summaries }: Tables): SummaryStore => ({
  get: async (chatId) => summaries.get(chatId),
  put: async (summary, over) => {
    if (!isSameSummary(summaries.get(summary.chatId), over)) return false;
    summaries.put(summaryFields(summary));
    return true;
  },
});
