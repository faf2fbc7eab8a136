import type { Agent } from '../../domain/agent/agent.ts';
import { fitConversation } from '../../domain/conversation/conversation.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { ToolContext, TurnDraft } from '../../ports/tool.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { situationOf } from '../agents/built-in.ts';
import type { RunAgent } from '../agents/run-agent.ts';
import type { Presence } from '../presence/presence.ts';
import type { DraftPromise } from '../promises/make-promise.ts';
import { asEntry } from './as-entry.ts';
import { type Answered, type Ending, emptyDraft, lastOf, latenessOf } from './commit-turn.ts';
import { makePromiseGate } from './promise-gate.ts';

export interface ConverseDeps {
  readonly stores: Pick<Stores, 'conversations' | 'promises'>;
  readonly runAgent: RunAgent;
  readonly agent: Agent;
  readonly policy: AccessPolicy;
  readonly draftPromise: DraftPromise;
  readonly presence: Pick<Presence, 'begin'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TurnSettings;
  /** On whose clocks the agent is told the time: an IANA name; UTC unless told. */
  readonly timeZone?: string;
}

/** Lets the agent answer these messages. Rejects only when `signal` aborts: then nothing was decided. */
export type Converse = (asked: Answered, startedAt: number, signal: AbortSignal) => Promise<Ending>;

export const makeConverse = (deps: ConverseDeps): Converse => {
  const { clock, settings } = deps;
  const agent = deps.agent.name;
  const runAgent = makePromiseGate({ ...deps, promises: deps.stores.promises });

  return async (records, startedAt, signal) => {
    const { chatId, messageId, sender } = lastOf(records).message;
    const history = await deps.stores.conversations.recent(chatId, settings.maxHistory);
    const asked = records.map(({ message }) => asEntry(message).step);
    const fitting = fitConversation([...history.map(({ step }) => step), ...asked], {
      maxSteps: settings.maxHistory + records.length,
      maxTokens: settings.maxHistoryTokens,
    });
    const username = sender.username === undefined ? {} : { username: sender.username };
    const scope = scopeOf(deps.policy, { chatId, senderId: sender.id, ...username });
    const draft = emptyDraft();
    const timeout = new AbortController();
    const context: ToolContext = {
      ...{ chatId, messageId, scope, draft },
      requestedBy: { id: sender.id, ...username },
      signal: AbortSignal.any([signal, timeout.signal]),
    };
    const cancelTimeout = clock.after(settings.replyTimeoutMs, () => timeout.abort());
    const shown = deps.presence.begin({ chatId, replyTo: messageId, randomId: records[0].replyRandomId });
    const late = latenessOf(records, startedAt);
    try {
      const run = await runAgent(deps.agent, {
        // What is asked is shown whatever its length.
        conversation: fitting.length < asked.length ? asked : fitting,
        context,
        situation: situationOf(scope, clock.now(), deps.timeZone),
        onDraft: (draft) =>
          shown.draft(() => {
            const text = draft();
            return text === '' ? '' : `${late}${text}`;
          }),
      });
      const outcome = draft.promises.length + draft.schedules.length > 0 ? 'promised' : 'answered';
      return { outcome, agent, text: run.text, steps: run.steps, run, draft };
    } catch (error) {
      // Nothing was decided: the messages wait.
      if (signal.aborted) throw error;
      if (timeout.signal.aborted) return goOnLater(records, draft, context);
      if (!isPortError(error)) deps.logger.error({ chatId, error }, 'a turn failed in a way that no port allows');
      const reason = reasonOf(error);
      return failed(`I could not answer this: ${reason}\nNothing was changed. Please send it again later.`, reason);
    } finally {
      cancelTimeout();
      shown.end();
    }
  };

  /** What had been drafted is taken back: the reply says that nothing was changed. */
  function failed(text: string, reason: string): Ending {
    return { outcome: 'failed', agent, text, steps: [{ role: 'agent', text, toolCalls: [] }], reason };
  }

  /** The reply's time is over: what was promised so far stands; if nothing was, the whole question becomes a promise. */
  async function goOnLater(records: Answered, draft: TurnDraft, context: ToolContext): Promise<Ending> {
    const seconds = Math.round(settings.replyTimeoutMs / 1000);
    const standing = () => draft.promises.filter(({ id }) => !draft.cancellations.includes(id));
    const [schedule] = draft.schedules;
    if (standing().length === 0 && schedule) {
      const text = `I had no more than ${seconds} s for this. Schedule #${schedule.id} is made; please ask again for the rest.`;
      return { outcome: 'promised', agent, text, steps: [{ role: 'agent', text, toolCalls: [] }], draft };
    }
    if (standing().length === 0) {
      const description = records
        .map(({ message }) => message.text.trim())
        .join('\n\n')
        .slice(0, 10_000);
      const made = await deps.draftPromise({ description }, context);
      if (!made.ok) return failed(`I could not answer this within ${seconds} s: ${made.error.message}`, made.error.message);
    }
    const numbers = standing()
      .map(({ id }) => `#${id}`)
      .join(', ');
    const text = `This takes longer than ${seconds} s, so it goes on in the background as promise ${numbers}. The result comes to this chat.`;
    return { outcome: 'promised', agent, text, steps: [{ role: 'agent', text, toolCalls: [] }], draft };
  }
};
