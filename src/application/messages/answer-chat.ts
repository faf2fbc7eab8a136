import type { Agent } from '../../domain/agent/agent.ts';
import { fitConversation } from '../../domain/conversation/conversation.ts';
import { NO_USAGE, type Turn, turnId } from '../../domain/conversation/turn.ts';
import type { ChatId } from '../../domain/message/ids.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import type { Verdict } from '../../domain/message/record.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { ToolContext, TurnDraft } from '../../ports/tool.ts';
import type { Stores, UnitOfWork } from '../../ports/unit-of-work.ts';
import { situationOf } from '../agents/built-in.ts';
import type { AgentRun, RunAgent } from '../agents/run-agent.ts';
import type { Presence } from '../presence/presence.ts';
import type { DraftPromise } from '../promises/make-promise.ts';
import { addPromises, commandPromise } from '../promises/store-promises.ts';
import { makeGatherMessages } from './gather-messages.ts';
import { asEntry } from './receive-message.ts';

export interface TurnSettings {
  /** How long a reply may take before the work goes on as a promise. */
  readonly replyTimeoutMs: number;
  /** Steps of conversation that a model is shown, at the most. */
  readonly maxHistory: number;
  readonly maxHistoryTokens: number;
}

/** Runs one turn over everything that waits in a chat. Resolves to whether there was anything. Rejects when nothing was committed. */
export type AnswerChat = (chatId: ChatId, signal: AbortSignal) => Promise<boolean>;

interface AnswerDeps {
  readonly stores: Pick<Stores, 'messages' | 'conversations'>;
  readonly unitOfWork: UnitOfWork;
  readonly runAgent: RunAgent;
  readonly agent: Agent;
  readonly policy: AccessPolicy;
  readonly draftPromise: DraftPromise;
  readonly statusLine: () => Promise<string>;
  readonly presence: Pick<Presence, 'begin'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly settings: TurnSettings;
}

/** How a turn ended, before it is stored. */
interface Ending {
  readonly outcome: Turn['outcome'];
  readonly text: string;
  readonly run?: AgentRun;
  readonly reason?: string;
}

export const makeAnswerChat = (deps: AnswerDeps): AnswerChat => {
  const { clock, settings } = deps;
  const gather = makeGatherMessages({ ...deps, maxTokens: settings.maxHistoryTokens });

  return async (chatId, signal) => {
    const records = await gather(chatId);
    const open = records.map(({ message }) => message);
    const [first, last] = [records[0], open.at(-1)];
    if (!first || !last) return false;
    const startedAt = clock.now();
    const draft: TurnDraft = { promises: [], cancellations: [] };
    const ending = (await pong(open)) ?? (await converse(open, last, first.replyRandomId, draft, signal));
    await commit(open, last, first.replyRandomId, draft, ending, startedAt);
    return true;
  };

  /** `ping` is answered by the process itself: it tells whether Kept is alive, not whether a model is. */
  async function pong(open: readonly IncomingMessage[]): Promise<Ending | undefined> {
    const pings = open.map(({ text }) => /^\/?ping(?:\s+([\w-]{1,64}))?$/i.exec(text.trim()));
    if (!pings.every((ping) => ping !== null)) return undefined;
    const nonces = pings.flatMap((ping) => ping?.[1] ?? []);
    return { outcome: 'answered', text: [['pong', ...nonces].join(' '), await deps.statusLine()].join(': ') };
  }

  async function converse(
    open: readonly IncomingMessage[],
    last: IncomingMessage,
    randomId: string,
    draft: TurnDraft,
    signal: AbortSignal,
  ): Promise<Ending> {
    const { chatId, sender } = last;
    const history = await deps.stores.conversations.recent(chatId, settings.maxHistory);
    const asked = open.map((message) => asEntry(message).step);
    const fitting = fitConversation([...history.map(({ step }) => step), ...asked], {
      maxSteps: settings.maxHistory + open.length,
      maxTokens: settings.maxHistoryTokens,
    });
    const person = { id: sender.id, ...(sender.username === undefined ? {} : { username: sender.username }) };
    const scope = scopeOf(deps.policy, {
      chatId,
      senderId: sender.id,
      ...(sender.username === undefined ? {} : { username: sender.username }),
    });
    const timeout = new AbortController();
    const cancelTimeout = clock.after(settings.replyTimeoutMs, () => timeout.abort());
    const shown = deps.presence.begin({ chatId, replyTo: last.messageId, randomId });
    const context: ToolContext = {
      chatId,
      messageId: last.messageId,
      requestedBy: person,
      scope,
      signal: AbortSignal.any([signal, timeout.signal]),
      draft,
    };
    try {
      const run = await deps.runAgent(deps.agent, {
        // What is asked is shown whatever its length.
        conversation: fitting.length < asked.length ? asked : fitting,
        context,
        situation: situationOf(scope, clock.now()),
        onDraft: shown.draft,
      });
      return { outcome: draft.promises.length > 0 ? 'promised' : 'answered', text: run.text, run };
    } catch (error) {
      // The process is stopping: nothing was decided, and the messages wait for the next start.
      if (signal.aborted) throw error;
      if (timeout.signal.aborted) return goOnLater(open, draft, context);
      const reason = reasonOf(error);
      if (!isPortError(error)) deps.logger.error({ chatId, error }, 'a turn failed in a way that no port allows');
      return { outcome: 'failed', text: `I could not answer this: ${reason}\nNothing was changed. Please send it again later.`, reason };
    } finally {
      cancelTimeout();
      shown.end();
    }
  }

  /** The reply's time is over: what was promised so far stands; if nothing was, the whole question becomes a promise. */
  async function goOnLater(open: readonly IncomingMessage[], draft: TurnDraft, context: ToolContext): Promise<Ending> {
    const seconds = Math.round(settings.replyTimeoutMs / 1000);
    const standing = () => draft.promises.filter(({ id }) => !draft.cancellations.includes(id));
    if (standing().length === 0) {
      const description = open
        .map(({ text }) => text.trim())
        .join('\n\n')
        .slice(0, 10_000);
      const made = await deps.draftPromise({ description }, context);
      if (!made.ok)
        return {
          outcome: 'failed',
          text: `I could not answer this within ${seconds} s: ${made.error.message}`,
          reason: made.error.message,
        };
    }
    const numbers = standing()
      .map(({ id }) => `#${id}`)
      .join(', ');
    return {
      outcome: 'promised',
      text: `This takes longer than ${seconds} s, so it goes on in the background as promise ${numbers}. The result comes to this chat.`,
    };
  }

  /** Everything that the turn decided, in one transaction: verdicts, conversation, promises, reply. */
  async function commit(
    open: readonly IncomingMessage[],
    last: IncomingMessage,
    randomId: string,
    draft: TurnDraft,
    ending: Ending,
    startedAt: number,
  ): Promise<void> {
    const id = turnId(deps.randomness.id());
    const { chatId } = last;
    const at = clock.now();
    const answers = open.map(({ messageId }) => messageId);
    const failed = ending.outcome === 'failed';
    const verdict: Verdict = failed ? { kind: 'failed', turnId: id, reason: ending.reason ?? 'unknown' } : { kind: 'answered', turnId: id };
    // A turn that failed takes back what it had drafted: its reply says that nothing was changed.
    const { promises, cancellations } = failed ? { promises: [], cancellations: [] } : draft;
    const steps = ending.run?.steps ?? [{ role: 'agent' as const, text: ending.text, toolCalls: [] }];
    const turn: Turn = {
      id,
      chatId,
      agent: deps.agent.name,
      ...(ending.run ? { model: ending.run.model } : {}),
      startedAt,
      endedAt: at,
      outcome: ending.outcome,
      usage: ending.run?.usage ?? NO_USAGE,
      toolCalls: ending.run?.toolCalls ?? 0,
    };
    await deps.unitOfWork.run(async (stores) => {
      await stores.messages.settle(chatId, answers, verdict);
      await stores.turns.add(turn);
      await stores.conversations.append([
        ...open.map((message) => ({ ...asEntry(message), turnId: id })),
        ...steps.map((step) => ({ chatId, at, turnId: id, step })),
      ]);
      await stores.outbox.add({
        chatId,
        text: ending.text,
        replyTo: last.messageId,
        answers,
        dedupeKey: `turn:${id}`,
        randomId,
        createdAt: at,
      });
      await addPromises(stores, promises, at, deps.randomness);
      for (const cancelled of cancellations)
        await commandPromise(stores, cancelled, { type: 'cancel', at, reason: 'As you asked.' }, deps.randomness);
    });
    const facts = { chatId, turnId: id, messages: answers.length, promises: promises.map((promise) => promise.id), ms: at - startedAt };
    if (failed) deps.logger.error({ ...facts, reason: ending.reason }, 'turn failed; its people are told');
    else deps.logger.info({ ...facts, outcome: ending.outcome, model: turn.model }, 'turn committed');
  }
};
