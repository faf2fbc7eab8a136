import type { ChatId } from '../chat/ids.ts';

/** What budgets allow and stop. */
export type BudgetEvent =
  | {
      /** A budget is nearly used up; the chat is told. */
      readonly type: 'budget-warned';
      readonly chatId: ChatId;
      /** Where it stands in the configuration. */
      readonly path: string;
    }
  | {
      /** A budget did not allow something: it was not begun. */
      readonly type: 'budget-stopped';
      readonly chatId: ChatId;
      readonly path: string;
      readonly reason: 'used up' | 'no price';
      /** The model, tool or coding agent that was to be used. */
      readonly name: string;
    }
  | {
      /** A budget is nearly used up: another model answers. */
      readonly type: 'cheaper-model-chosen';
      readonly chatId: ChatId;
      readonly model: string;
    }
  | { readonly type: 'ledger-purged'; readonly count: number }
  /** What processes that have died had reserved is free again. */
  | { readonly type: 'reservations-lapsed'; readonly reservations: number }
  | { readonly type: 'reservations-not-renewed'; readonly reservations: number; readonly reason: string };
