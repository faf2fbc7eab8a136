import { noteOf } from '../../domain/conversation/conversation.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import { addUsage } from '../../domain/conversation/turn.ts';
import {
  type Backing,
  type Claim,
  claimsNothingElse,
  falseClaims,
  promisesMentioned,
  schedulesMentioned,
  sentBackNote,
  withoutClaims,
} from '../../domain/promise/gate.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { ToolContext } from '../../ports/tool.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';
import type { AgentRun, RunAgent } from './run-agent.ts';

interface ClaimDeps {
  readonly promises: Pick<PromiseStore, 'getMany'>;
  /** Absent: the numbers of schedules are not checked. */
  readonly schedules?: Pick<ScheduleStore, 'get'>;
  readonly clock: Clock;
  readonly events: Events;
}

/** The false claims of a text: future work that neither a stored promise nor a decision of the turn supports. */
export type ClaimCheck = (text: string, context: ToolContext) => Promise<readonly Claim[]>;

export const makeClaimCheck = (deps: ClaimDeps): ClaimCheck => {
  const check: ClaimCheck = async (text, context) => {
    const { chatId, draft, signal } = context;
    const { promises, cancelledPromises, schedules: made, endedSchedules } = decidedIn(draft);
    const mentioned = promisesMentioned(text);
    const stored = mentioned.length > 0 ? await retryWhileUnavailable(() => deps.promises.getMany(mentioned), deps, signal) : [];
    const schedules = deps.schedules && (await schedulesBehind(deps.schedules, text, context));
    return falseClaims(text, {
      ...present({ schedules }),
      made: promises.map(({ id }) => id),
      cancelled: cancelledPromises,
      scheduled: made.some(({ id }) => !endedSchedules.includes(id)),
      stored: stored.filter((promise) => promise.chatId === chatId),
    });
  };

  const schedulesBehind = async (
    store: Pick<ScheduleStore, 'get'>,
    text: string,
    { chatId, draft, signal }: ToolContext,
  ): Promise<NonNullable<Backing['schedules']>> => {
    const mentioned = schedulesMentioned(text);
    const stored = await retryWhileUnavailable(() => Promise.all(mentioned.map((id) => store.get(id))), deps, signal);
    const { schedules: made, endedSchedules: ended } = decidedIn(draft);
    const known = [...made, ...stored].flatMap((schedule) => (schedule?.chatId === chatId ? [schedule] : []));
    const active = known.filter(({ id, status }) => status === 'active' && !ended.includes(id));
    return { known: known.map(({ id }) => id), active: active.map(({ id }) => id), ended };
  };

  return check;
};

/**
 * Runs an agent so that its answer claims no future work without a promise. A false answer is sent back to the model
 * once, to make the promise or to say what is true; people never see it. Claims that are false even then are removed.
 */
export const makePromiseGate = (deps: ClaimDeps & { readonly runAgent: RunAgent }): RunAgent => {
  const check = makeClaimCheck(deps);

  return async (agent, run) => {
    const first = await deps.runAgent(agent, run);
    const claims = await check(first.text, run.context);
    if (claims.length === 0) return first;
    const { chatId, draft } = run.context;
    deps.events.emit({ type: 'answer-sent-back', gate: 'sent-back', chatId, agent: agent.name, claims: told(claims) });
    const canPromise = draft !== undefined && agent.tools.includes('make_promise');
    const second = await deps.runAgent(agent, {
      ...run,
      conversation: [...run.conversation, ...first.steps, noteOf(sentBackNote(claims, canPromise))],
      onSteps: (steps) => run.onSteps?.([...first.steps.slice(0, -1), ...steps]),
    });
    const answer = together(first, second);
    const left = await check(second.text, run.context);
    if (left.length === 0) {
      const promises = decidedIn(draft).promises.map(({ id }) => id);
      deps.events.emit({ type: 'answer-corrected', gate: 'sent-back', chatId, agent: agent.name, promises });
      return { ...answer, gate: 'sent-back' };
    }
    deps.events.emit({ type: 'answer-rewritten', gate: 'rewritten', chatId, agent: agent.name, claims: told(left) });
    const rewritten = { ...withText(answer, withoutClaims(second.text, left)), gate: 'rewritten' as const };
    return claimsNothingElse(second.text, left) ? { ...rewritten, unanswered: 'only-claims' } : rewritten;
  };
};

/** Both runs as one, without the answer that was sent back and the note. */
export const together = (first: AgentRun, second: AgentRun): AgentRun => ({
  ...second,
  steps: [...first.steps.slice(0, -1), ...second.steps],
  usage: addUsage(first.usage, second.usage),
  toolCalls: first.toolCalls + second.toolCalls,
  journal: [...first.journal, ...second.journal],
});

const withText = (run: AgentRun, text: string): AgentRun => ({
  ...run,
  text,
  steps: [...run.steps.slice(0, -1), { role: 'agent', text, toolCalls: [], ...present({ provenance: run.steps.at(-1)?.provenance }) }],
});

const told = (claims: readonly Claim[]): readonly string[] => claims.slice(0, 5).map(({ text }) => excerpt(text, 200));
