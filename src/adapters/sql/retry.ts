import { setTimeout as delay } from 'node:timers/promises';

/** What one attempt gave, or why it failed and whether it may be repeated. */
export type Attempt<Value> = { readonly value: Value } | { readonly error: unknown; readonly mayRepeat: boolean };

/** An attempt of which `mayRepeat` says, by its error, whether it may be repeated. */
export const attempting =
  <Value>(run: () => Promise<Value>, mayRepeat: (error: unknown) => boolean): (() => Promise<Attempt<Value>>) =>
  async () => {
    try {
      return { value: await run() };
    } catch (error) {
      return { error, mayRepeat: mayRepeat(error) };
    }
  };

export interface Patience {
  /** No attempt begins later than this after the first one has begun. */
  readonly patienceMs: number;
  /** How long to wait after the attempt of that number, counted from 0. */
  readonly pauseMs: (attempt: number) => number;
  /** Called before the first pause. */
  readonly onWait?: (error: unknown) => void;
}

/** Resolves to what `attempt` gives, repeated while it may be; rejects with the error of the last attempt. */
export const retry = async <Value>(attempt: () => Promise<Attempt<Value>>, { patienceMs, pauseMs, onWait }: Patience): Promise<Value> => {
  const deadline = performance.now() + patienceMs;
  for (let attempts = 0; ; attempts++) {
    const outcome = await attempt();
    if ('value' in outcome) return outcome.value;
    if (!outcome.mayRepeat || performance.now() >= deadline) throw outcome.error;
    if (attempts === 0) onWait?.(outcome.error);
    await delay(pauseMs(attempts));
  }
};
