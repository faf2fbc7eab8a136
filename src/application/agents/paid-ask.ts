import type { Agent } from '../../domain/agent/agent.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { RunJournal } from '../../ports/run-journal.ts';
import type { BeginCall, Spending } from '../../ports/spending.ts';
import { metered } from '../models/metered.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { AskedReply } from './read-answer.ts';

/** A reply, and what was paid for it. */
export interface PaidReply {
  readonly reply: AskedReply;
  readonly spent: readonly LedgerEntry[];
}

/**
 * Asks the model of an agent as long as its budgets leave that: from when one is nearly used up, or does not cover that
 * model any more, the cheaper model that the budget names is asked.
 */
export const makePaidAsk = (deps: {
  readonly models: ModelCatalog;
  readonly agent: Agent;
  readonly run: { readonly context: { readonly chatId: ChatId }; readonly spending?: Spending };
  readonly journal: RunJournal;
  readonly events: Events;
}): ((ask: (model: LanguageModel, beginCall: BeginCall | undefined) => Promise<AskedReply>) => Promise<PaidReply>) => {
  const { models, agent, journal, events } = deps;
  const {
    spending,
    context: { chatId },
  } = deps.run;
  if (spending) journal.settles?.(spending);
  const usual = metered(models.modelFor(agent));
  let cheaper: LanguageModel | undefined;

  const choose = async (isNeeded: boolean): Promise<boolean> => {
    const reference = cheaper ? undefined : await spending?.cheaperModel(isNeeded);
    if (reference === undefined) return false;
    cheaper = metered(models.byReference(reference));
    events.emit({ type: 'cheaper-model-chosen', chatId, model: cheaper.name });
    return true;
  };

  return async (ask) => {
    const before = spending?.entries().length ?? 0;
    await choose(false);
    const reply = await ask(cheaper ?? usual, spending?.beginCall).catch(async (error: unknown) => {
      const isOver = isPortError(error) && error.code === 'over-budget';
      if (isOver && (await choose(true))) return ask(cheaper ?? usual, spending?.beginCall);
      throw error;
    });
    return { reply, spent: spending?.entries().slice(before) ?? [] };
  };
};
