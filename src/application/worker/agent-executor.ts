import { situationOf } from '../../domain/agent/built-in.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { withTimeNotes } from '../../domain/conversation/time-notes.ts';
import { addUsage, NO_USAGE } from '../../domain/conversation/turn.ts';
import type { AgentPromise, LeasedPromise } from '../../domain/promise/promise.ts';
import { capitalised } from '../../domain/shared/capitalised.ts';
import { present } from '../../domain/shared/present.ts';
import { isPlain } from '../../domain/trust/labels.ts';
import { provenanceOfMessage } from '../../domain/trust/speaker.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ExecuteOptions, PromiseExecutor, WorkResult } from '../../ports/promise-executor.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import { type AgentCatalog, noSuchAgent } from '../agents/agent-catalog.ts';
import { makeMeasuredRun } from '../agents/measured-run.ts';
import { makePromiseGate } from '../agents/promise-gate.ts';
import type { RunAgent } from '../agents/run-agent.ts';
import type { FilesOfChat, ShowFiles } from '../agents/show-files.ts';
import { makeTimedRun } from '../agents/timed-run.ts';
import type { PromiseGuard } from '../approvals/promise-guard.ts';
import type { OpenSpending } from '../budgets/spending.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';
import { earlierActsNote, type PromiseRuns, withUnknownActs } from './promise-run.ts';
import { scopeOfPromise, sourceOfTask, spenderOf } from './promise-scope.ts';
import { makeResultGate } from './result-gate.ts';

/**
 * Keeps a promise by running an agent over its description, in the scope of the person and chat that asked. The agent
 * first sees, as a conversation, the turn that the promise continues and the results of the promises that it depends
 * on. A result that claims further work is sent back, like an answer; a run without a result rejects with `could-not`.
 */
export const makeAgentExecutor = (deps: {
  readonly promises: Pick<PromiseStore, 'getMany'>;
  /** Holds the message that asked. Absent: it is not known what words a person said. */
  readonly messages?: Pick<MessageStore, 'get'>;
  readonly schedules?: Pick<ScheduleStore, 'get'>;
  /** The turn that a promise continues; see `makeBegunTurn`. Default: promises start with their description alone. */
  readonly begunTurn?: (promise: AgentPromise) => Promise<readonly ConversationStep[]>;
  /** Shows the files of the message that asked, and of the turn that the promise continues. Default: none is shown. */
  readonly showFiles?:
    | ((steps: readonly ConversationStep[], chat: Omit<FilesOfChat, 'maxEarlierTokens'>) => ReturnType<ShowFiles>)
    | undefined;
  readonly runAgent: RunAgent;
  /** Pays for runs. Absent: what they use has no price. */
  readonly openSpending?: OpenSpending | undefined;
  /** Keeps the steps of runs. Absent: each attempt begins from the beginning. */
  readonly runs?: PromiseRuns | undefined;
  /** Asks for approvals of whole promises. Default: none needs one. */
  readonly guard?: PromiseGuard | undefined;
  readonly agents: Pick<AgentCatalog, 'get' | 'list'>;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly events: Events;
  /** The IANA time zone in which the agent is told the time. Default: UTC. */
  readonly timeZone?: string;
}): PromiseExecutor => {
  const { clock, events } = deps;
  const gated = makeResultGate({ runAgent: makePromiseGate(deps), events });
  const runAgent = makeMeasuredRun({ runAgent: makeTimedRun({ runAgent: gated, clock, events }), clock, events });
  const execute = async (promise: LeasedPromise, options: ExecuteOptions, ended: AbortSignal): Promise<WorkResult> => {
    const { signal, progress, onUsage, onRun, onShown, onSpending } = options;
    const { chatId, chatKind, messageId, requestedBy } = promise;
    const agent = deps.agents.get(promise.agent);
    if (!agent) throw noAgent(promise.agent, deps.agents);
    const scope = scopeOfPromise(promise, deps.policy);
    await retryWhileUnavailable(async () => deps.guard?.require(promise, scope.directory), deps, signal);
    const parents =
      promise.dependsOn.length > 0 ? await retryWhileUnavailable(() => deps.promises.getMany(promise.dependsOn), deps, signal) : [];
    const begun = await retryWhileUnavailable(async () => (await deps.begunTurn?.(promise)) ?? [], deps, signal);
    const speaker = speakerIn(begun) ?? { name: requestedBy.username ?? 'the person who asked' };
    const results = parents.flatMap((parent): ConversationStep[] =>
      parent.status === 'completed'
        ? [
            { role: 'person', ...speaker, text: parent.description, ...present({ provenance: parent.provenance }) },
            { role: 'agent', text: parent.result, toolCalls: [], ...present({ provenance: parent.provenance }) },
          ]
        : [],
    );
    const isOfMessage = deps.showFiles !== undefined && begun.length === 0;
    const asked: ConversationStep = {
      role: 'person',
      ...speaker,
      text: promise.description,
      at: promise.createdAt,
      ...present({ messageId: isOfMessage ? messageId : undefined, provenance: sourceOfTask(promise, deps.policy) }),
    };
    const steps = [...begun, ...results, asked];
    const about = { chatId, asked: messageId === undefined ? [] : [messageId], directory: scope.directory, signal, ended };
    const said = await retryWhileUnavailable(async () => (await deps.showFiles?.(steps, about)) ?? steps, deps, signal);
    // Replies that were refused or broke off were paid, too; the run's own sum does not have them.
    let used = NO_USAGE;
    const journal = await deps.runs?.open(promise, signal);
    if (journal) onRun?.(journal);
    const spending = deps.openSpending?.(spenderOf(promise, scope.workspace), signal, journal?.rest().writer);
    if (spending) onSpending?.(spending);
    const told = journal ? earlierActsNote(journal) : [];
    const now = journal?.run.startedAt ?? deps.clock.now();
    const run = await runAgent(agent, {
      conversation: [...withTimeNotes(said, now, deps.timeZone), ...told],
      ...present({ journal, spending, onShown }),
      said: await retryWhileUnavailable(() => saidFor(promise, deps), deps, signal),
      context: { chatId, chatKind, requestedBy, scope, signal, progress, promise: { id: promise.id }, ...present({ messageId }) },
      situation: situationOf(scope),
      onUsage: (paid) => {
        used = addUsage(used, paid);
        onUsage?.(paid);
      },
      onTool: ({ activity }) => progress(activity),
      onDraft: tellGrowth(deps.clock, progress),
    });
    return { text: journal ? withUnknownActs(journal, run.text) : run.text, usage: used, model: run.model };
  };

  return {
    async execute(promise, options) {
      const ended = new AbortController();
      try {
        return await execute(promise, options, ended.signal);
      } finally {
        ended.abort();
      }
    },
  };
};

/** What a trusted person said in the message that asked, where the promise was not written from such words alone. */
const saidFor = async (
  { chatId, messageId, provenance }: LeasedPromise,
  { messages, policy }: { readonly messages?: Pick<MessageStore, 'get'>; readonly policy: AccessPolicy },
): Promise<readonly string[]> => {
  if (!messages || messageId === undefined || (provenance && isPlain(provenance))) return [];
  const asked = (await messages.get(chatId, messageId))?.message;
  return asked && isPlain(provenanceOfMessage(policy, asked)) ? [asked.text] : [];
};

/** Agents are read when a process starts: one that was added since is not known to it. */
const noAgent = (name: string, agents: Pick<AgentCatalog, 'list'>): PortError =>
  new PortError('not-found', `${capitalised(noSuchAgent(name, agents))}. ${RESTART}`, { retryable: false });
const RESTART = 'If it is new, Kept has to be restarted to know it; then this promise can be retried.';

/** The person who asked in the turn that the promise continues, as its conversation names them. */
const speakerIn = (begun: readonly ConversationStep[]): { readonly name: string; readonly inGroup?: true } | undefined => {
  const asked = begun.findLast((step) => step.role === 'person' && !step.overheard && !step.note);
  return asked?.role === 'person' ? { name: asked.name, ...present({ inGroup: asked.inGroup }) } : undefined;
};

const GROWTH_MS = 2_000;

/** Reports the length of the growing result, at most every two seconds: measuring it at every word costs too much. */
const tellGrowth = (clock: Clock, progress: (text: string) => void): ((draft: () => string) => void) => {
  let toldAt = clock.now();
  return (draft) => {
    if (clock.now() - toldAt < GROWTH_MS) return;
    toldAt = clock.now();
    progress(`writing the result (${draft().split(/\s+/).length - 1} words so far)`);
  };
};
