import { type FloodBudget, makeFloodBudgets } from './flood-budgets.ts';

/** What goes wrong with one call of a method. */
export type CallFault =
  | { readonly kind: 'error'; readonly error: string }
  /** The connection breaks before the call is executed, or after it: then the reply is lost. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** The reply never comes, and the connection stays open. */
  | { readonly kind: 'swallow'; readonly when: 'before' | 'after' }
  | { readonly kind: 'hold'; readonly when: 'before' | 'after'; readonly released: Promise<void>; readonly onHeld: () => void };

export interface Hold {
  /** Resolves when a call is held. */
  readonly held: Promise<void>;
  release(): void;
}

/**
 * Faults on demand. A method is named as in the schema (`messages.sendMessage`); `initConnection` means the next call
 * that opens a connection, and `*` the next call of any method.
 */
export interface Faults {
  /** The next `times` calls fail with that error: `FLOOD_WAIT_3`, `INTERNAL`, … */
  fail(method: string, error: string, times?: number): void;
  cutBefore(method: string, times?: number): void;
  /** The call is executed, and the connection breaks before its reply: the client cannot know the outcome. */
  cutAfter(method: string, times?: number): void;
  swallow(method: string, when: 'before' | 'after', times?: number): void;
  /** Keeps the next call waiting until it is released, before or after its execution. */
  hold(method: string, when?: 'before' | 'after'): Hold;
  /** From now on the account's calls of that method have a budget. A call within the wait makes the wait longer. */
  limit(method: string, budget: FloodBudget): void;
  /** How long every call travels before it is executed, in ms. */
  roundTripMs: number;
  /** Drops the next `count` updates: they are in the log, and are not sent. */
  withholdUpdates(count?: number): void;
  /** Sends the next `count` updates twice. */
  duplicateUpdates(count?: number): void;
  /** Keeps the next `count` updates back, and then sends them last to first. */
  reverseUpdates(count: number): void;
  /**
   * How often each fault has struck so far, by method and effect. Faults that were planned and have met no call are not
   * counted.
   */
  readonly struck: ReadonlyMap<string, number>;
  /** While it is true, connections are accepted and nothing is answered. */
  silent: boolean;
  /** Removes every fault that has not struck yet. */
  clear(): void;
}

export interface FaultsWithOutlet extends Faults {
  take(method: string): CallFault | undefined;
  /** The error of a call that is beyond the budget of its method. */
  flood(method: string, userId: number): string | undefined;
  /** Sends one update: dropped, doubled or delayed as the faults say. */
  pass(deliver: () => void): void;
}

const nameOf = (fault: CallFault): string => (fault.kind === 'error' ? fault.error : `${fault.kind} ${fault.when}`);

export const makeFaults = (nowMs: () => number = Date.now): FaultsWithOutlet => {
  const budgets = makeFloodBudgets(nowMs);
  let planned: { readonly method: string; readonly fault: CallFault }[] = [];
  let withheld = 0;
  let duplicated = 0;
  let reversed: { count: number; readonly kept: (() => void)[] } | undefined;

  const struck = new Map<string, number>();
  const count = (what: string): void => {
    struck.set(what, (struck.get(what) ?? 0) + 1);
  };

  const plan = (method: string, fault: CallFault, times = 1): void => {
    for (let time = 0; time < times; time++) planned.push({ method, fault });
  };

  return {
    silent: false,
    roundTripMs: 0,
    struck,
    limit: budgets.set,
    flood: (method, userId) => {
      const error = budgets.spend(method, userId);
      if (error !== undefined) count(`${method} over its budget`);
      return error;
    },
    fail: (method, error, times) => plan(method, { kind: 'error', error }, times),
    cutBefore: (method, times) => plan(method, { kind: 'cut', when: 'before' }, times),
    cutAfter: (method, times) => plan(method, { kind: 'cut', when: 'after' }, times),
    swallow: (method, when, times) => plan(method, { kind: 'swallow', when }, times),
    hold: (method, when = 'before') => {
      const held = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      plan(method, { kind: 'hold', when, released: released.promise, onHeld: held.resolve });
      return { held: held.promise, release: released.resolve };
    },
    withholdUpdates: (count = Number.POSITIVE_INFINITY) => {
      withheld = count;
    },
    duplicateUpdates: (count = Number.POSITIVE_INFINITY) => {
      duplicated = count;
    },
    reverseUpdates: (count) => {
      reversed = { count, kept: [] };
    },
    clear() {
      planned = [];
      budgets.clear();
      withheld = 0;
      duplicated = 0;
      reversed = undefined;
      this.silent = false;
    },
    take: (method) => {
      const at = planned.findIndex((each) => each.method === method || each.method === '*');
      const [taken] = at < 0 ? [] : planned.splice(at, 1);
      if (taken) count(`${method} ${nameOf(taken.fault)}`);
      return taken?.fault;
    },
    pass: (deliver) => {
      if (withheld > 0) {
        withheld--;
        count('update withheld');
        return;
      }
      if (reversed) {
        reversed.kept.push(deliver);
        if (reversed.kept.length < reversed.count) return;
        const { kept } = reversed;
        reversed = undefined;
        count('updates reversed');
        for (const each of kept.reverse()) each();
        return;
      }
      deliver();
      if (duplicated > 0) {
        duplicated--;
        count('update duplicated');
        deliver();
      }
    },
  };
};
