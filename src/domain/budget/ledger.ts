import type { ChatId, UserId } from '../chat/ids.ts';
import type { TurnId, Usage } from '../conversation/turn.ts';
import type { PromiseId } from '../promise/promise.ts';
import { present } from '../shared/present.ts';
import type { MicroUsd } from './money.ts';

/** What was paid for: a call of a model, a call of a tool that has a price, or a run of a coding agent. */
export type SpentOn = 'model' | 'tool' | 'coding';

/** One thing that was paid for. */
export interface LedgerEntry {
  /** Chosen when it begins: whoever stores it again stores it once. */
  readonly id: string;
  /** When it began, in ms since 1970: the day and month to which it counts. */
  readonly at: number;
  readonly on: SpentOn;
  /** `anthropic/claude-opus-5-5`, `perplexity/search`, `claude-code`. */
  readonly name: string;
  readonly chatId: ChatId;
  readonly workspace?: string;
  /** Who asked for it. */
  readonly person?: UserId;
  readonly agent: string;
  readonly promiseId?: PromiseId;
  readonly turnId?: TurnId;
  readonly usage: Usage;
  /** Absent where no price is known. */
  readonly cost?: MicroUsd;
  /** What it used was not told: the cost is the most that it can have been. */
  readonly estimated?: true;
}

/** An entry and nothing else, whatever the object that it is taken from holds beside. */
export const ledgerFields = (entry: LedgerEntry): LedgerEntry => ({
  id: entry.id,
  at: entry.at,
  on: entry.on,
  name: entry.name,
  chatId: entry.chatId,
  agent: entry.agent,
  usage: {
    inputTokens: entry.usage.inputTokens,
    outputTokens: entry.usage.outputTokens,
    cacheReadTokens: entry.usage.cacheReadTokens,
    cacheWriteTokens: entry.usage.cacheWriteTokens,
  },
  ...present({
    workspace: entry.workspace,
    person: entry.person,
    promiseId: entry.promiseId,
    turnId: entry.turnId,
    cost: entry.cost,
    estimated: entry.estimated,
  }),
});

/** By what usage is told apart. */
export const USAGE_GROUPS = ['workspace', 'person', 'agent', 'tool', 'day'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** What a number of entries come to. */
export interface UsageSum extends Usage {
  /** Of the entries whose price is known. */
  readonly cost: MicroUsd;
  readonly calls: number;
  /** How many of them have no price. */
  readonly unpriced: number;
}

/** The sum of one group; `key` is empty for what belongs to none, and a day is `2026-11-30`, by UTC. */
export interface UsageRow extends UsageSum {
  readonly key: string;
}

/** Whose money is limited. */
export type BudgetOwner =
  | { readonly of: 'installation' }
  | { readonly of: 'workspace'; readonly workspace: string }
  | { readonly of: 'person'; readonly person: UserId }
  | { readonly of: 'promise'; readonly promiseId: PromiseId };

/** The most that an owner may spend within a span of time. */
export interface SpendingLimit {
  readonly owner: BudgetOwner;
  /** From `since` on, and before `until`, in ms since 1970. */
  readonly since: number;
  readonly until: number;
  readonly amount: MicroUsd;
}

/** What is spent within a limit, and what is reserved beside it. */
export interface LimitUse {
  readonly spent: MicroUsd;
  readonly reserved: MicroUsd;
}

/** Money that is held back for something that has begun. */
export interface Reservation extends Pick<LedgerEntry, 'id' | 'at' | 'name' | 'chatId' | 'workspace' | 'person' | 'promiseId'> {
  /** The most that it can cost. */
  readonly cost: MicroUsd;
  /** It counts until then, unless the process that holds it renews it; in ms since 1970. */
  readonly expiresAt: number;
}

/** Whether an entry, or a reservation, counts within a limit. */
export const countsWithin = (
  { owner, since, until }: SpendingLimit,
  entry: Pick<LedgerEntry, 'at' | 'workspace' | 'person' | 'promiseId'>,
): boolean => {
  if (entry.at < since || entry.at >= until) return false;
  switch (owner.of) {
    case 'installation':
      return true;
    case 'workspace':
      return entry.workspace === owner.workspace;
    case 'person':
      return entry.person === owner.person;
    case 'promise':
      return entry.promiseId === owner.promiseId;
  }
};

/** Whether this much more still fits. */
export const fits = ({ amount }: Pick<SpendingLimit, 'amount'>, { spent, reserved }: LimitUse, more: MicroUsd): boolean =>
  spent + reserved + more <= amount;
