import type { LedgerEntry } from '../domain/budget/ledger.ts';
import type { MicroUsd } from '../domain/budget/money.ts';
import type { ConversationStep } from '../domain/conversation/conversation.ts';
import type { Usage } from '../domain/conversation/turn.ts';

/** What the cost of a request goes by. */
export interface PaidRequest {
  readonly instructions: string;
  readonly conversation: readonly ConversationStep[];
  readonly tools: readonly unknown[];
  readonly maxOutputTokens: number;
}

/** How something that is paid for has ended. */
export interface CallEnd {
  /** What it told of its usage; all zero where it told nothing. */
  readonly usage: Usage;
  /** The model that replied, as its maker names it. */
  readonly model?: string;
  /** What it says that it has cost, in US dollars. */
  readonly costUsd?: number;
  /**
   * `ended`: it was done. `broken`: it failed after it had begun, and is paid. `unknown`: nothing came of it before it
   * was given up. `refused`: it failed before it was paid.
   */
  readonly how: 'ended' | 'broken' | 'unknown' | 'refused';
}

/** Something that is paid for, from when it begins. */
export interface PaidCall {
  /** Called once, when it has ended. Returns its entry for the ledger, where it was paid. Never throws. */
  end(end: CallEnd): LedgerEntry | undefined;
}

/**
 * Begins a call of the model of that name. Rejects with PortError `over-budget` where no budget allows it: then it is
 * not asked.
 */
export type BeginCall = (model: string, request: PaidRequest) => PaidCall | Promise<PaidCall>;

/** What one run pays for: in advance, where a budget limits it. */
export interface Spending {
  readonly beginCall: BeginCall;
  /** The same for a call of a tool that is priced under that name. */
  beginTool(name: string): PaidCall | Promise<PaidCall>;
  /** The same for a run of that coding agent, which may cost so much at the most. */
  beginCoding(agent: string, maxCostUsd: number | undefined): PaidCall | Promise<PaidCall>;
  /** The model to ask from here on, where a budget names one and is nearly used up, or where one `isNeeded` now. */
  cheaperModel(isNeeded: boolean): Promise<string | undefined>;
  /** What one promise of this spender may cost. Undefined: there is no such limit. */
  promiseLimit(): MicroUsd | undefined;
  /**
   * Where what one promise may cost did not allow the last call: how much more is to be asked for, and how often more
   * was allowed before.
   */
  wantsMore(): { readonly amount: MicroUsd; readonly before: number } | undefined;
  /** Somebody allowed the promise that much more. */
  allowMore(): void;
  /** What this process has paid for, in the order in which it ended. */
  entries(): readonly LedgerEntry[];
  /** Those that are not known to be stored although money is reserved for them. */
  unsettled(): readonly string[];
  /** They are stored, and what was reserved for them is released. */
  settled(ids: readonly string[]): void;
  /** The run is over: what is still reserved for it lapses. */
  close(): void;
}
