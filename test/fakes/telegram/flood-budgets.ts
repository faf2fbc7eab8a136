/** The number of calls of one method within a time; the next call is answered FLOOD_WAIT. */
export interface FloodBudget {
  readonly calls: number;
  readonly withinMs: number;
  /** In seconds. */
  readonly wait: number;
}

/** Counts each account's calls of each method. A call within a wait makes it longer, as on Telegram. */
export const makeFloodBudgets = (nowMs: () => number) => {
  const budgets = new Map<string, FloodBudget>();
  const calls = new Map<string, number[]>();
  const waits = new Map<string, number>();

  const flood = (key: string, untilMs: number): string => {
    waits.set(key, untilMs);
    return `FLOOD_WAIT_${Math.max(1, Math.ceil((untilMs - nowMs()) / 1000))}`;
  };

  return {
    set: (method: string, budget: FloodBudget): void => void budgets.set(method, budget),
    clear: (): void => {
      for (const map of [budgets, calls, waits]) map.clear();
    },
    /** Counts one call. Returns its error, if it is beyond the budget. */
    spend: (method: string, userId: number): string | undefined => {
      const budget = budgets.get(method);
      if (!budget) return undefined;
      const key = `${userId} ${method}`;
      const until = waits.get(key) ?? 0;
      if (until > nowMs()) return flood(key, until + budget.wait * 1000);
      const recent = (calls.get(key) ?? []).filter((at) => at > nowMs() - budget.withinMs);
      if (recent.length >= budget.calls) return flood(key, nowMs() + budget.wait * 1000);
      calls.set(key, [...recent, nowMs()]);
      return undefined;
    },
  };
};
