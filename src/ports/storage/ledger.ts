import type { LedgerEntry, LimitUse, Reservation, SpendingLimit, UsageGroup, UsageRow, UsageSum } from '../../domain/budget/ledger.ts';
import type { MicroUsd } from '../../domain/budget/money.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';

/** Which entries are counted. */
export interface UsageQuery {
  /** From then on, in ms since 1970. Default: all. */
  readonly since?: number;
  readonly chatId?: ChatId;
}

/** Whether money was reserved, and how each limit stood before. */
export interface Reserved {
  readonly admitted: boolean;
  /** In the order of the limits. */
  readonly uses: readonly LimitUse[];
  /** How many reservations had lapsed and were removed: those of processes that have died. */
  readonly lapsed: number;
}

/** What began in a step of time, and what it cost. */
export interface SpentInStep {
  /** When the step begins, in ms since 1970. */
  readonly at: number;
  readonly cost: MicroUsd;
  readonly calls: number;
}

/** What was spent, and what is reserved. */
export interface Ledger {
  /**
   * Stores entries, each once by its id: of one that is stored already, only the turn or promise that it lacked is
   * taken.
   */
  add(entries: readonly LedgerEntry[]): Promise<void>;
  /** What the entries come to. */
  total(query: UsageQuery): Promise<UsageSum>;
  /** The same by group, at most `limit` groups: days from the newest, others from the dearest, then by their key. */
  usage(query: UsageQuery & { readonly by: UsageGroup; readonly limit: number }): Promise<readonly UsageRow[]>;
  /**
   * What began from `since` on and before `until`, by steps of `stepMs` that begin at multiples of it, in their order.
   * Steps without any are left out.
   */
  spendingOver(query: { readonly since: number; readonly until: number; readonly stepMs: number }): Promise<readonly SpentInStep[]>;
  /** What is reserved at that time, in all. */
  reserved(now: number): Promise<MicroUsd>;
  /** How these limits stand at that time. */
  uses(limits: readonly SpendingLimit[], now: number): Promise<readonly LimitUse[]>;
  /**
   * Reserves money if it fits within every limit, together with all that is spent and reserved there; else reserves
   * nothing. A reservation of the same id is replaced, and does not count beside itself. Reservations that have expired
   * by `now` count no more, and are removed. Callers come out as if they had asked one after the other, whichever
   * processes they are: together they MUST NOT reserve more than a limit.
   */
  reserve(reservation: Reservation, limits: readonly SpendingLimit[], now: number): Promise<Reserved>;
  /** Extends these reservations, as far as they are there. */
  renew(ids: readonly string[], expiresAt: number): Promise<void>;
  /** Gives reservations back. Nothing happens to those that are gone. */
  release(ids: readonly string[]): Promise<void>;
  /** What the entries of a turn come to. */
  ofTurn(id: TurnId): Promise<UsageSum>;
  /** What the entries of a promise come to. */
  ofPromise(id: PromiseId): Promise<UsageSum>;
  /**
   * What the latest promises of that agent cost that have ended and whose every entry has a price: at most `limit`, in
   * the order of their costs.
   */
  costsOfPromises(like: { readonly agent: string; readonly limit: number }): Promise<readonly MicroUsd[]>;
  /** Deletes at most `limit` entries from before then. Resolves to how many. */
  purge(request: { readonly before: number; readonly limit: number }): Promise<number>;
}
