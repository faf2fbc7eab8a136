import type { Agent } from '../../domain/agent/agent.ts';
import { fitConversation } from '../../domain/conversation/conversation.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import { isLocalChat } from '../../domain/message/ids.ts';
import { namedNumbers, untold } from '../../domain/promise/decided.ts';
import { beginningOf } from '../../domain/shared/beginning.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, reasonFor, reasonOf } from '../../ports/port-error.ts';
import type { ToolContext, TurnDraft } from '../../ports/tool.ts';
import type { Stores } from '../../ports/unit-of-work.ts';
import { situationOf } from '../agents/built-in.ts';
import type { RunAgent } from '../agents/run-agent.ts';
import type { Presence } from '../presence/presence.ts';
import { MAX_DESCRIPTION_LENGTH } from '../promises/check-task.ts';
import type { DraftPromise } from '../promises/make-promise.ts';
import { type Answered, type Ending, emptyDraft, lastOf, latenessOf } from './commit-turn.ts';
import { makeNamedConversation } from './named-conversation.ts';
import { makePromiseGate } from './promise-gate.ts';

export interface ConverseDeps {
  readonly stores: Pick<Stores, 'conversations' | 'messages' | 'promises' | 'schedules'>;
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
  const runAgent = makePromiseGate({ ...deps, promises: deps.stores.promises, schedules: deps.stores.schedules });
  const namedConversation = makeNamedConversation(deps.stores);

  return async (records, startedAt, signal) => {
    const { chatId, messageId, sender } = lastOf(records).message;
    const history = await deps.stores.conversations.recent(chatId, settings.maxHistory);
    const { before, asked } = await namedConversation(history, records);
    const fitting = fitConversation([...before, ...asked], {
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
      asked: records.map(({ message }) => ({
        messageId: message.messageId,
        requestedBy: { id: message.sender.id, ...present({ username: message.sender.username }) },
      })),
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
      const text = tellingAll(run.text, draft);
      const steps = [...run.steps.slice(0, -1), { role: 'agent' as const, text, toolCalls: [] }];
      return { outcome, agent, text, steps, run, draft };
    } catch (error) {
      // Nothing was decided: the messages wait.
      if (signal.aborted) throw error;
      if (timeout.signal.aborted) return goOnLater(records, draft, context);
      if (!isPortError(error)) deps.logger.error({ chatId, error }, 'a turn failed in a way that no port allows');
      const reason = reasonOf(error);
      const told = reasonFor(error, isLocalChat(chatId) ? 'operator' : 'anybody');
      return failed(`I could not answer this: ${told}\nNothing was changed. Please send it again later.`, reason);
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
    const standing = () => draft.promises.map(({ id }) => id).filter((id) => !draft.cancellations.includes(id));
    const schedules = draft.schedules.map(({ id }) => id).filter((id) => !draft.endedSchedules.includes(id));
    const ended = (text: string): Ending => {
      const told = tellingAll(text, draft);
      return { outcome: 'promised', agent, text: told, steps: [{ role: 'agent', text: told, toolCalls: [] }], draft };
    };
    if (standing().length === 0 && schedules.length > 0) {
      const made = `${capitalised(namedNumbers('schedule', schedules))} ${schedules.length > 1 ? 'are' : 'is'} made`;
      return ended(`I had no more than ${seconds} s for this. ${made}; please ask again for the rest.`);
    }
    let cut = '';
    if (standing().length === 0) {
      const question = records.map(({ message }) => message.text.trim()).join('\n\n');
      const made = await deps.draftPromise({ description: beginningOf(question, MAX_DESCRIPTION_LENGTH) }, context);
      if (!made.ok) {
        const reason = `I could not answer this within ${seconds} s, and it can't go on in the background: ${made.error.message}.`;
        return failed(`${reason}\nNothing was changed.`, made.error.message);
      }
      if (question.length > MAX_DESCRIPTION_LENGTH) cut = ` It has the first ${MAX_DESCRIPTION_LENGTH} characters of what was asked.`;
    }
    const numbers = namedNumbers('promise', standing());
    return ended(
      `This takes longer than ${seconds} s, so it goes on in the background as ${numbers}. The result comes to this chat.${cut}`,
    );
  }
};

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** The answer, and below it what the turn decided and the answer does not name. */
const tellingAll = (text: string, draft: TurnDraft): string => {
  const line = untold(text, {
    promises: draft.promises.map(({ id }) => id),
    cancellations: draft.cancellations,
    schedules: draft.schedules.map(({ id }) => id),
    endedSchedules: draft.endedSchedules,
  });
  return line === '' ? text : `${text}\n\n${line}`;
};
