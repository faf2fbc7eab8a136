import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUsage, NO_USAGE, type Usage } from '../../domain/index.ts';
import { countOf, type Fields, fieldsOf } from './sdk.ts';

/** What a session has used since its beginning. */
export interface Spent {
  readonly costUsd: number;
  readonly usage: Usage;
}

const NOTHING: Spent = { costUsd: 0, usage: NO_USAGE };

/** The totals in a result: a session that is continued counts from its beginning. */
export const spentIn = (result: Fields): Spent => ({
  costUsd: amountOf(result.total_cost_usd),
  usage: Object.values(fieldsOf(result.modelUsage))
    .map(fieldsOf)
    .map((model) => ({
      inputTokens: countOf(model.inputTokens),
      outputTokens: countOf(model.outputTokens),
      cacheReadTokens: countOf(model.cacheReadInputTokens),
      cacheWriteTokens: countOf(model.cacheCreationInputTokens),
    }))
    .reduce(addUsage, NO_USAGE),
});

/** What came in addition. Totals that have begun anew are all of it. */
export const spentSince = (total: Spent, before: Spent): Spent => {
  if (total.costUsd < before.costUsd) return total;
  const more = (name: keyof Usage): number => Math.max(0, total.usage[name] - before.usage[name]);
  return {
    costUsd: total.costUsd - before.costUsd,
    usage: {
      inputTokens: more('inputTokens'),
      outputTokens: more('outputTokens'),
      cacheReadTokens: more('cacheReadTokens'),
      cacheWriteTokens: more('cacheWriteTokens'),
    },
  };
};

const amountOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);

const fileOf = (home: string, session: string): string => join(home, `spent-${session}.json`);

/** What the session had used when its last result came. */
export const spentBefore = async (home: string, session: string): Promise<Spent> => {
  try {
    const stored = fieldsOf(JSON.parse(await readFile(fileOf(home, session), 'utf8')));
    const usage = fieldsOf(stored.usage);
    const count = (name: keyof Usage): number => countOf(usage[name]);
    return {
      costUsd: amountOf(stored.costUsd),
      usage: {
        inputTokens: count('inputTokens'),
        outputTokens: count('outputTokens'),
        cacheReadTokens: count('cacheReadTokens'),
        cacheWriteTokens: count('cacheWriteTokens'),
      },
    };
  } catch {
    // No result yet, or not one that can be read: then the whole session counts for this run.
    return NOTHING;
  }
};

/**
 * Best effort: the work is done and paid, and must not be done again because this can't be stored. The next run of the
 * session then tells more than it used.
 */
export const keepSpent = (home: string, session: string, spent: Spent): Promise<void> =>
  writeFile(fileOf(home, session), JSON.stringify(spent), { mode: 0o600 }).catch(() => undefined);
