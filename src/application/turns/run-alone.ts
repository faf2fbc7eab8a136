import type { Agent } from '../../domain/agent/agent.ts';
import { situationOf } from '../../domain/agent/built-in.ts';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../domain/chat/ids.ts';
import { plainId } from '../../domain/chat/plain-id.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { decidedIn, makeTurnDraft } from '../../domain/conversation/decision.ts';
import { withTimeNotes } from '../../domain/conversation/time-notes.ts';
import { addUsage, attemptOf, isPaid, NO_USAGE, type Turn, turnId } from '../../domain/conversation/turn.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import { workerSettings } from '../../domain/promise/worker-settings.ts';
import { present } from '../../domain/shared/present.ts';
import type { Scope } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeMeasuredRun } from '../agents/measured-run.ts';
import { makePromiseGate } from '../agents/promise-gate.ts';
import type { AgentRun, RunAgent, RunRequest } from '../agents/run-agent.ts';
import { makeTimedRun } from '../agents/timed-run.ts';
import type { OpenSpending } from '../budgets/spending.ts';
import { owes, storeSpent } from '../budgets/store-spent.ts';
import { askedEvents } from '../promises/approval-events.ts';
import { applyDecisions } from './apply-decisions.ts';
import { tellingAll } from './turn-result.ts';

export interface AloneRequest extends Pick<RunRequest, 'onDraft' | 'onTool'> {
  readonly agent: Agent;
  /** What is asked: never empty. */
  readonly text: string;
  readonly scope: Scope;
  /**
   * Whether its tools may decide. What they decide belongs to the local chat, and is kept in the scope of that chat.
   */
  readonly mayDecide: boolean;
  readonly signal: AbortSignal;
}

export interface AloneRun extends AgentRun {
  /** What it made: their results come to the local chat. */
  readonly promises: readonly PromiseId[];
}

/**
 * Runs an agent over one text, for the operator: without a chat's history, and without a reply in a chat. What its
 * tools decide is stored in one commit with what the run used, and told below the answer; the outcomes of its promises
 * come to the local chat. An agent without a time limit of its own may take as long as an attempt at a promise.
 * Rejects as the models do; then nothing was decided. What it used is recorded in any case.
 */
export type RunAlone = (request: AloneRequest) => Promise<AloneRun>;

export const makeRunAlone = (deps: {
  readonly stores: Pick<Stores, 'promises' | 'schedules'>;
  readonly unitOfWork: UnitOfWork;
  readonly runAgent: RunAgent;
  /** Pays for runs. Absent: what they use has no price. */
  readonly openSpending?: OpenSpending | undefined;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
  /** The IANA time zone in which the agent is told the time. Default: UTC. */
  readonly timeZone?: string | undefined;
}): RunAlone => {
  const { stores, unitOfWork, clock, randomness, events, timeZone } = deps;
  const gated = makePromiseGate({ ...stores, clock, events, runAgent: deps.runAgent });
  const timed = makeTimedRun({ runAgent: gated, clock, events, defaultMs: workerSettings().attemptTimeoutMs });
  const runAgent = makeMeasuredRun({ runAgent: timed, clock, events });
  /** A failure here does not hide why the run failed. */
  const recordLost = async (turn: Turn, spending: Spending | undefined): Promise<void> => {
    if (!isPaid(turn.usage) && !owes(spending)) return;
    try {
      await unitOfWork.run(async ({ turns, ledger, audit }) => {
        if (isPaid(turn.usage)) await turns.add(turn);
        await audit.add((await storeSpent(ledger, { usage: turn.usage, spending, turn })).facts);
      });
    } catch (error) {
      events.emit({ type: 'usage-not-stored', chatId: turn.chatId, usage: turn.usage, reason: reasonOf(error) });
    }
  };
  return async ({ agent, text, scope, mayDecide, signal, onDraft, onTool }) => {
    const startedAt = clock.now();
    const draft = mayDecide ? makeTurnDraft() : undefined;
    const asked: ConversationStep = {
      role: 'person',
      name: plainId(OPERATOR_ID),
      text,
      at: startedAt,
      provenance: { labels: ['operator'] },
    };
    let usage = NO_USAGE;
    const spending = deps.openSpending?.(
      {
        chatId: DEFAULT_LOCAL_CHAT,
        chatKind: 'direct',
        person: OPERATOR_ID,
        agent: agent.name,
        ...present({ workspace: scope.workspace }),
      },
      signal,
    );
    const turnOf = (run?: AgentRun): Turn =>
      attemptOf({
        id: turnId(randomness.id()),
        chatId: DEFAULT_LOCAL_CHAT,
        agent: agent.name,
        startedAt,
        endedAt: clock.now(),
        usage,
        ...present({ toolCalls: run?.toolCalls, model: run?.model, gate: run?.gate }),
      });
    let run: AgentRun;
    try {
      run = await runAgent(agent, {
        conversation: withTimeNotes([asked], startedAt, timeZone),
        context: {
          chatId: DEFAULT_LOCAL_CHAT,
          chatKind: 'direct',
          requestedBy: { id: OPERATOR_ID },
          scope,
          signal,
          ...present({ draft }),
        },
        situation: situationOf(scope),
        onUsage: (paid) => {
          usage = addUsage(usage, paid);
        },
        ...present({ onDraft, onTool, spending }),
      });
      signal.throwIfAborted();
    } catch (error) {
      await recordLost(turnOf(), spending);
      spending?.close();
      throw error;
    }
    const turn = turnOf(run);
    const decisions = draft?.decisions ?? [];
    await unitOfWork.run(async (all) => {
      await all.turns.add(turn);
      await all.audit.add((await storeSpent(all.ledger, { usage: turn.usage, spending, turn })).facts);
      await applyDecisions(all, decisions, { at: turn.endedAt, randomness });
    });
    spending?.close();
    const { promises } = decidedIn(draft);
    for (const { id: promiseId, chatId, taskType } of promises)
      events.emit({ type: 'promise-made', promiseId, chatId, taskType, by: 'turn' });
    for (const event of askedEvents(decisions)) events.emit(event);
    return { ...run, promises: promises.map(({ id }) => id), ...(draft ? { text: tellingAll(run.text, draft) } : {}) };
  };
};
