import type { Agent } from '../../domain/agent/agent.ts';
import { SPEND_TOOL, spendKey } from '../../domain/approval/guarded-call.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import { inDollarsExactly, type MicroUsd, toUsd } from '../../domain/budget/money.ts';
import { present } from '../../domain/shared/present.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { isPortError, PortError } from '../../ports/port-error.ts';
import type { RunJournal } from '../../ports/run-journal.ts';
import type { BeginCall, Spending } from '../../ports/spending.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { metered } from '../models/metered.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { CallGuard } from '../tools/call-guard.ts';
import type { AskedReply } from './read-answer.ts';

/** A reply, and what was paid for it. */
export interface PaidReply {
  readonly reply: AskedReply;
  readonly spent: readonly LedgerEntry[];
}

/** Asks the model for one reply, and begins each call with whoever pays. */
type Ask = (model: LanguageModel, beginCall: BeginCall | undefined) => Promise<AskedReply>;

/**
 * Asks the model of an agent as long as its budgets leave that: from when one is nearly used up, or does not cover that
 * model any more, the cheaper model that the budget names is asked. A promise that has used up what it may cost asks
 * people for as much again.
 */
export const makePaidAsk = (deps: {
  readonly models: ModelCatalog;
  readonly agent: Agent;
  readonly run: { readonly context: ToolContext; readonly spending?: Spending };
  readonly journal: RunJournal;
  readonly events: Events;
  /** Absent: nobody can be asked for more. */
  readonly guard?: CallGuard | undefined;
}): ((ask: Ask) => Promise<PaidReply>) => {
  const { models, agent, journal, events, guard } = deps;
  const { spending, context } = deps.run;
  if (spending) journal.settles?.(spending);
  const usual = metered(models.modelFor(agent));
  let cheaper: LanguageModel | undefined;
  let asked: Awaited<ReturnType<CallGuard['askedForMore']>> | undefined;

  const choose = async (isNeeded: boolean): Promise<boolean> => {
    const reference = cheaper ? undefined : await spending?.cheaperModel(isNeeded);
    if (reference === undefined) return false;
    cheaper = metered(models.byReference(reference));
    events.emit({ type: 'cheaper-model-chosen', chatId: context.chatId, model: cheaper.name });
    return true;
  };

  /** Whether people have allowed more, or why not, where they have decided. Rejects with ApprovalNeededError else. */
  const askForMore = async (): Promise<{ readonly isAllowed: boolean; readonly denial?: string }> => {
    const wanted = spending?.wantsMore();
    if (!spending || !wanted || !guard || !context.promise) return { isAllowed: false };
    const { runId } = journal;
    if (runId === undefined) return { isAllowed: false };
    if (!asked) {
      asked = await guard.askedForMore(context.promise.id, runId);
      // What people allowed in a run before the promise was retried counts on.
      for (let times = 0; times < asked.allowed; times++) spending.allowMore();
      if (asked.allowed > 0) return { isAllowed: true };
    }
    // A limit that does not cover a first step is too small, and nobody is asked. A promise that has asked before is
    // retried by a person, who may be asked again.
    if (journal.steps().length === 0 && !asked.wasAsked) return { isAllowed: false };
    await journal.flush(context.signal);
    const decided = await guard.requireDecision({
      tool: SPEND,
      input: { usd: toUsd(wanted.amount) },
      context: { ...context, agent: agent.name, callKey: spendKey(runId, wanted.before) },
      verdict: { kind: 'ask', reason: moreWords(wanted.amount) },
      cost: wanted.amount,
    });
    if (decided.kind === 'refuse') return { isAllowed: false, denial: decided.reason };
    spending.allowMore();
    return { isAllowed: true };
  };

  const askWithin = async (ask: Ask): Promise<AskedReply> => {
    for (;;) {
      try {
        return await ask(cheaper ?? usual, spending?.beginCall);
      } catch (error) {
        const isOver = isPortError(error) && error.code === 'over-budget';
        if (!isOver) throw error;
        if (await choose(true)) continue;
        const { isAllowed, denial } = await askForMore();
        if (!isAllowed) throw denial === undefined ? error : denied(error, denial);
      }
    }
  };

  return async (ask) => {
    const before = spending?.entries().length ?? 0;
    await choose(false);
    const reply = await askWithin(ask);
    return { reply, spent: spending?.entries().slice(before) ?? [] };
  };
};

/** People were asked, and it may not cost more: what they decided is said with it. */
const denied = (error: PortError, denial: string): PortError =>
  new PortError(error.code, `${error.message} More was asked for: ${denial}`, {
    retryable: false,
    cause: error,
    ...present({ help: error.help, usage: error.usage }),
  });

/** What people are asked about: no model can call it. */
const SPEND: Tool = {
  name: SPEND_TOOL,
  description: 'Lets this promise cost more.',
  inputSchema: { type: 'object' },
  effect: 'acts',
  activity: 'asking for more money',
  timeoutMs: 1_000,
  run: async () => ({ output: 'Nobody calls this.', isError: true }),
};

const moreWords = (amount: MicroUsd): string =>
  `what is left of what it may cost does not cover its next step. With a yes it may cost another ${inDollarsExactly(amount)}; with a no it ends here.`;
