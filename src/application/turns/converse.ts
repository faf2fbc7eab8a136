import type { Agent } from '../../domain/agent/agent.ts';
import { situationOf } from '../../domain/agent/built-in.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import type { HistoryRoom } from '../../domain/conversation/history.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import { present } from '../../domain/shared/present.ts';
import type { Shown } from '../../domain/trust/shown.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import { OutdatedRunError } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { DraftPromise } from '../../ports/use-cases/make-promise.ts';
import type { WorkspaceFiles } from '../../ports/workspace-files.ts';
import { beginMeasuredRun, outcomeOfRun } from '../agents/measured-run.ts';
import { makeClaimCheck, makePromiseGate } from '../agents/promise-gate.ts';
import type { RunAgent } from '../agents/run-agent.ts';
import { makeShowFiles } from '../agents/show-files.ts';
import { timeLimitMs } from '../agents/timed-run.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';
import { timeIsOver } from '../loops/timers.ts';
import type { Presence } from '../presence/presence.ts';
import { lastOf, latenessOf, type TurnMessages, type TurnResult } from './commit-turn.ts';
import { makeGoOnLater } from './go-on-later.ts';
import { makeHistoryLimits } from './history-limits.ts';
import { type TurnContext, turnContextOf } from './turn-context.ts';
import { makeTurnConversation } from './turn-conversation.ts';
import { answered, failed, promised } from './turn-result.ts';
import type { OpenedTurn } from './turn-run.ts';

export interface ConverseDeps {
  readonly stores: Pick<Stores, 'conversations' | 'messages' | 'summaries' | 'promises' | 'schedules'>;
  readonly runAgent: RunAgent;
  readonly policy: AccessPolicy;
  readonly moved?: Pick<MovedChats, 'home' | 'idsOf'>;
  readonly draftPromise: DraftPromise;
  readonly presence: Pick<Presence, 'begin'>;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly events: Events;
  /** Reads the files that people send. Absent: models are not shown them. */
  readonly files?: Pick<WorkspaceFiles, 'read' | 'readBytes'> | undefined;
  readonly settings: TurnSettings;
  /** The IANA time zone in which the agent is told the time. Default: UTC. */
  readonly timeZone?: string;
  /** What was said in that chat nearly fills its room. */
  readonly onFullHistory?: ((chatId: ChatId, room: HistoryRoom) => void) | undefined;
}

/**
 * Lets an agent answer these messages. Rejects when `signal` aborts, or when what was said before can't be read: then
 * nothing was decided, and the messages wait.
 */
export type Converse = (
  asked: TurnMessages,
  turn: {
    readonly agent: Agent;
    readonly startedAt: number;
    /** Keeps the steps, where the turn may go on after an interruption. */
    readonly opened?: Pick<OpenedTurn, 'journal' | 'goesOn'>;
    readonly signal: AbortSignal;
    /** Called with what each call of a model has used, as it ends. */
    readonly onUsage: (usage: Usage) => void;
    readonly spending?: Spending | undefined;
  },
) => Promise<TurnResult>;

export const makeConverse = (deps: ConverseDeps): Converse => {
  const { stores, clock, events, settings, policy, presence, timeZone, moved = NONE_MOVED } = deps;
  const { promises, schedules } = stores;
  const runAgent = makePromiseGate({ promises, schedules, clock, events, runAgent: deps.runAgent });
  const findClaims = makeClaimCheck({ promises, schedules, clock, events });
  const goOnLater = makeGoOnLater({ draftPromise: deps.draftPromise, settings, findClaims });
  const limits = makeHistoryLimits(clock);
  const { files, redact } = deps;
  const showFiles = files && makeShowFiles({ messages: stores.messages, files, clock, redact, events });
  const turnConversation = makeTurnConversation({ stores, limits, settings, policy, timeZone, onFull: deps.onFullHistory, showFiles });

  /** Shows people that the agent works, and its answer as it grows. */
  const show = (records: TurnMessages, context: TurnContext, startedAt: number) => {
    const { messageId, chat } = lastOf(records).message;
    const late = latenessOf(records, startedAt);
    const shown = presence.begin({
      chatId: context.chatId,
      chatKind: context.chatKind,
      deliveryKey: records[0].replyKey,
      ...present({ replyTo: chat.id === context.chatId ? messageId : undefined }),
    });
    let grown = (): string => '';
    return {
      /** What people have seen of the answer. */
      seen: (): string => grown(),
      grow: (draft: () => string): void => {
        grown = draft;
        shown.draft(() => {
          const text = draft();
          return text === '' ? '' : `${late}${text}`;
        });
      },
      end: shown.end,
    };
  };

  const answer = async (records: TurnMessages, turn: Parameters<Converse>[1], ended: AbortSignal): Promise<TurnResult> => {
    const { agent, startedAt, opened, signal, onUsage, spending } = turn;
    const chatId = moved.home(lastOf(records).message.chat.id);
    const timeout = new AbortController();
    const context = turnContextOf(records, chatId, policy, AbortSignal.any([signal, timeout.signal]));
    const { directory } = context.scope;
    const conversation = await turnConversation(records, chatId, { startedAt, goesOn: opened?.goesOn ?? false, directory, signal, ended });
    const timeoutMs = Math.min(settings.replyTimeoutMs, timeLimitMs(agent) ?? Number.POSITIVE_INFINITY);
    const cancelTimeout = clock.after(timeoutMs, () => timeout.abort(timeIsOver()));
    const shown = show(records, context, startedAt);
    let stepsSoFar: readonly ConversationStep[] = [];
    let toldOf: Shown | undefined;
    const endedRun = beginMeasuredRun(deps, agent, context);
    try {
      const run = await runAgent(agent, {
        conversation,
        context,
        ...present({ journal: opened?.journal, spending }),
        answerBy: clock.now() + timeoutMs,
        onUsage,
        situation: situationOf(context.scope),
        onShown: (shownSoFar) => {
          toldOf = shownSoFar;
        },
        onSteps: (steps) => {
          stepsSoFar = steps;
        },
        onShortened: (shortened) => limits.learn(chatId, shortened, records[0].message.sentAt),
        onCounted: (counted) => limits.measured(chatId, counted),
        onDraft: shown.grow,
      });
      endedRun(outcomeOfRun(run));
      return answered(agent.name, run, context.draft);
    } catch (error) {
      if (signal.aborted || error instanceof OutdatedRunError) {
        endedRun('stopped');
        throw error;
      }
      if (timeout.signal.aborted) {
        endedRun('timeout');
        const later = await goOnLater(records, { ...context, signal, ...present({ shown: toldOf }) }, shown.seen(), stepsSoFar);
        if (later.ok) return promised(agent.name, later.value, stepsSoFar, context.draft, toldOf?.provenance());
        const { text, reason } = later.error;
        return { outcome: 'failed', agent: agent.name, text, steps: [], reason };
      }
      endedRun('failed');
      if (!isPortError(error)) events.emit({ type: 'turn-crashed', chatId, error });
      return failed(agent.name, error, { chatId, now: clock.now(), timeZone });
    } finally {
      cancelTimeout();
      shown.end();
    }
  };

  return async (records, turn) => {
    const ended = new AbortController();
    try {
      return await answer(records, turn, ended.signal);
    } finally {
      ended.abort();
    }
  };
};
