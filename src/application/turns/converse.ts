import type { Agent } from '../../domain/agent/agent.ts';
import { type ChatId, isLocalChat } from '../../domain/chat/ids.ts';
import { type ConversationStep, fitConversation } from '../../domain/conversation/conversation.ts';
import { decidedIn, makeTurnDraft, type TurnDraft } from '../../domain/conversation/decision.ts';
import { withSteadyBeginning } from '../../domain/conversation/steady-beginning.ts';
import { withTimeNotes } from '../../domain/conversation/time-notes.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import { untold } from '../../domain/promise/decided.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { DraftPromise } from '../../ports/use-cases/make-promise.ts';
import { situationOf } from '../agents/built-in.ts';
import { makeNamedConversation } from '../agents/named-conversation.ts';
import { makeClaimCheck, makePromiseGate } from '../agents/promise-gate.ts';
import type { RunAgent } from '../agents/run-agent.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';
import type { Presence } from '../presence/presence.ts';
import { type Answered, type Ending, lastOf, latenessOf } from './commit-turn.ts';
import { failureWords } from './failure-words.ts';
import { makeGoOnLater, type TurnContext } from './go-on-later.ts';
import { makeHistoryLimits } from './history-limits.ts';

export interface ConverseDeps {
  readonly stores: Pick<Stores, 'conversations' | 'messages' | 'promises' | 'schedules'>;
  readonly runAgent: RunAgent;
  readonly agent: Agent;
  readonly policy: AccessPolicy;
  readonly moved?: Pick<MovedChats, 'home' | 'idsOf'>;
  readonly draftPromise: DraftPromise;
  readonly presence: Pick<Presence, 'begin'>;
  readonly clock: Clock;
  readonly events: Events;
  readonly settings: TurnSettings;
  /** On whose clocks the agent is told the time: an IANA name; UTC unless told. */
  readonly timeZone?: string;
}

/**
 * Lets the agent answer these messages. Rejects when `signal` aborts, or when what was said before can't be read: then
 * nothing was decided, and the messages wait.
 */
export type Converse = (
  asked: Answered,
  startedAt: number,
  signal: AbortSignal,
  /** What its calls have used, as they end. */
  onUsage: (usage: Usage) => void,
) => Promise<Ending>;

export const makeConverse = (deps: ConverseDeps): Converse => {
  const { clock, settings, policy, moved = NONE_MOVED } = deps;
  const agent = deps.agent.name;
  const promiseGate = { ...deps, promises: deps.stores.promises, schedules: deps.stores.schedules };
  const runAgent = makePromiseGate(promiseGate);
  const namedConversation = makeNamedConversation(deps.stores);
  const goOnLater = makeGoOnLater({ ...deps, findClaims: makeClaimCheck(promiseGate) });
  const limits = makeHistoryLimits(clock);

  const conversationFor = async (records: Answered, chatId: ChatId): Promise<readonly ConversationStep[]> => {
    const history = limits.taken(chatId, await deps.stores.conversations.recent(chatId, settings.maxHistory));
    const { before, asked } = await namedConversation(history, records);
    const fitting = fitConversation([...before, ...asked], {
      maxSteps: settings.maxHistory + records.length,
      maxTokens: limits.maxTokens(chatId, settings.maxHistoryTokens),
    });
    const isCut = history.length >= settings.maxHistory || fitting.length < before.length + asked.length;
    const shown = isCut ? withSteadyBeginning(fitting, asked.length) : fitting;
    // What is asked is shown whatever its length.
    return withTimeNotes(shown.length < asked.length ? asked : shown, clock.now(), deps.timeZone);
  };

  return async (records, startedAt, signal, onUsage) => {
    const {
      messageId,
      chat: { id: cameIn, kind: chatKind },
    } = lastOf(records).message;
    const chatId = moved.home(cameIn);
    const conversation = await conversationFor(records, chatId);
    const timeout = new AbortController();
    const context = contextOf(records, chatId, policy, AbortSignal.any([signal, timeout.signal]));
    const { draft } = context;
    const cancelTimeout = clock.after(settings.replyTimeoutMs, () => timeout.abort());
    const answerBy = clock.now() + settings.replyTimeoutMs;
    const shown = deps.presence.begin({
      chatId,
      chatKind,
      ...(chatId === cameIn ? { replyTo: messageId } : {}),
      deliveryKey: records[0].replyKey,
    });
    const late = latenessOf(records, startedAt);
    let grownSoFar = (): string => '';
    let stepsSoFar: readonly ConversationStep[] = [];
    try {
      const run = await runAgent(deps.agent, {
        conversation,
        context,
        answerBy,
        onUsage,
        situation: situationOf(context.scope),
        onSteps: (steps) => {
          stepsSoFar = steps;
        },
        onShortened: (shortened) => limits.learn(chatId, shortened, records[0].message.sentAt),
        onDraft: (grown) => {
          grownSoFar = grown;
          shown.draft(() => {
            const text = grown();
            return text === '' ? '' : `${late}${text}`;
          });
        },
      });
      const { promises, schedules } = decidedIn(draft);
      const outcome = promises.length + schedules.length > 0 ? 'promised' : 'answered';
      const text = tellingAll(run.text, draft);
      const ending: Ending = { outcome, agent, text, run, draft };
      // What a model declines, it declines again with all that follows: the conversation keeps none of it.
      if (run.unanswered === 'refused') return ending;
      // That there is no answer is told in words of ours: the model never said them.
      if (run.unanswered === 'empty' && outcome === 'answered') return { ...ending, steps: [] };
      return { ...ending, steps: [...run.steps.slice(0, -1), said(text)] };
    } catch (error) {
      if (signal.aborted) throw error;
      if (timeout.signal.aborted) {
        // Whoever waited has seen it grow.
        const later = await goOnLater(records, { ...context, signal }, grownSoFar());
        if (!later.ok) return { outcome: 'failed', agent, text: later.error.text, steps: [], reason: later.error.reason };
        const text = tellingAll(later.value, draft);
        return { outcome: 'promised', agent, text, steps: [...stepsSoFar, said(text)], draft };
      }
      if (!isPortError(error)) deps.events.emit({ type: 'turn-crashed', chatId, error });
      const reader = isLocalChat(chatId) ? 'operator' : 'anybody';
      const { text, mayBeAskedAgain } = failureWords(error, { reader, now: clock.now(), timeZone: deps.timeZone });
      // What had been drafted is taken back: the reply says that nothing was changed.
      return { outcome: 'failed', agent, text, reason: reasonOf(error), ...(mayBeAskedAgain ? { steps: [] } : {}) };
    } finally {
      cancelTimeout();
      shown.end();
    }
  };
};

/**
 * The run that answers these messages in `chatId`, as its tools see it: there, a message of another chat has no number.
 */
const contextOf = (records: Answered, chatId: ChatId, policy: AccessPolicy, signal: AbortSignal): TurnContext => {
  const asked = records.map(({ message: { messageId, sender } }) => ({
    messageId,
    requestedBy: { id: sender.id, ...present({ username: sender.username }) },
  }));
  const {
    messageId,
    sender,
    chat: { id: cameIn, kind: chatKind },
  } = lastOf(records).message;
  const requestedBy = { id: sender.id, ...present({ username: sender.username }) };
  const scope = scopeOf(policy, { chatId, senderId: sender.id, ...present({ username: sender.username }) });
  const context = { chatId, chatKind, requestedBy, scope, signal, draft: makeTurnDraft() };
  return chatId === cameIn ? { ...context, messageId, asked } : context;
};

const said = (text: string): ConversationStep => ({ role: 'agent', text, toolCalls: [] });

/** The answer, and below it what the turn decided and the answer does not name. */
const tellingAll = (text: string, draft: TurnDraft): string => {
  const { promises, cancelledPromises, schedules, endedSchedules } = decidedIn(draft);
  const line = untold(text, {
    promises: promises.map(({ id }) => id),
    cancelledPromises,
    schedules: schedules.map(({ id }) => id),
    endedSchedules,
  });
  return line === '' ? text : `${text}\n\n${line}`;
};
