/** What clients did, in order, and a way to wait for more. */
export interface Recorder<T> {
  readonly items: readonly T[];
  /**
   * Resolves to the first item that `matches`, recorded already or later. Rejects after `timeoutMs` with the items that
   * there are.
   */
  until(matches: (item: T) => boolean, timeoutMs?: number): Promise<T>;
  /** Resolves to all items as soon as there are `count` of them. */
  untilCount(count: number, timeoutMs?: number): Promise<readonly T[]>;
  /** The number of items of each kind. */
  tally(kindOf: (item: T) => string): Readonly<Record<string, number>>;
  /** Calls `see` with each later item, in the moment when it happens. */
  follow(see: (item: T) => void): void;
  clear(): void;
}

export interface RecorderWithInlet<T> extends Recorder<T> {
  record(item: T): void;
  /** Checks the waiting conditions again after an item has changed. */
  changed(): void;
}

const shown = (value: unknown): string => JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each)) ?? '';

export const makeRecorder = <T>(name: string, describe: (item: T) => unknown): RecorderWithInlet<T> => {
  const items: T[] = [];
  const watchers = new Set<() => void>();
  const followers: ((item: T) => void)[] = [];

  const until = <R>(look: () => R | undefined, what: string, timeoutMs: number): Promise<R> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        watchers.delete(check);
      };
      const timer = setTimeout(() => {
        end();
        const last = items.slice(-5).map((item) => `\n  ${shown(describe(item)).slice(0, 300)}`);
        reject(new Error(`no ${what} in ${name} within ${timeoutMs} ms; there are ${items.length}, the last of them:${last.join('')}`));
      }, timeoutMs);
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        end();
        resolve(found);
      };
      watchers.add(check);
      check();
    });

  const changed = (): void => {
    for (const check of [...watchers]) check();
  };

  return {
    items,
    record: (item) => {
      items.push(item);
      for (const see of followers) see(item);
      changed();
    },
    changed,
    until: async (matches, timeoutMs = 10_000) => {
      const { item } = await until(
        () => {
          const at = items.findIndex(matches);
          return at < 0 ? undefined : { item: items[at] as T };
        },
        'match',
        timeoutMs,
      );
      return item;
    },
    untilCount: (count, timeoutMs = 10_000) => until(() => (items.length >= count ? [...items] : undefined), `${count} items`, timeoutMs),
    tally: (kindOf) => {
      const counts: Record<string, number> = {};
      for (const item of items) counts[kindOf(item)] = (counts[kindOf(item)] ?? 0) + 1;
      return counts;
    },
    follow: (see) => void followers.push(see),
    clear: () => {
      items.length = 0;
    },
  };
};
