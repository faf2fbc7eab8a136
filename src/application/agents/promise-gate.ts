import { falseDeeds, withoutDone } from '../../domain/claims/deed-backing.ts';
import { deedsClaimed } from '../../domain/claims/deeds.ts';
import { isAllUntrue, isTrue, type Untrue, untrueNote, withoutUntrue } from '../../domain/claims/untrue.ts';
import { noteOf } from '../../domain/conversation/conversation.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import { addUsage } from '../../domain/conversation/turn.ts';
import {
  type Backing,
  type Claim,
  claimsFutureWork,
  falseClaims,
  promisesMentioned,
  schedulesMentioned,
} from '../../domain/promise/gate.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { ToolContext } from '../../ports/tool.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';
import { receiptsOf } from './deed-receipts.ts';
import type { AgentRun, RunAgent, RunRequest } from './run-agent.ts';

interface ClaimDeps {
  readonly promises: Pick<PromiseStore, 'getMany'>;
  /** Absent: the numbers of schedules are not checked. */
  readonly schedules?: Pick<ScheduleStore, 'get'>;
  readonly clock: Clock;
  readonly events: Events;
}

/**
 * Makes the patterns of claims, which take a moment when they are first used: whoever takes over should not make people
 * wait for them.
 */
export const prepareClaims = (): void => {
  claimsFutureWork('I will send it.');
  deedsClaimed('I have sent it.');
};

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
 * What is not true in an answer: of work to come, and of deeds that no receipt of its run stands behind.
 */
const makeUntrue = (check: ClaimCheck) => {
  return async (answer: AgentRun, run: RunRequest): Promise<Untrue> => {
    const receipts = receiptsOf(answer, run);
    const claims = withoutDone(await check(answer.text, run.context), answer.text, receipts);
    return { claims, deeds: falseDeeds(answer.text, receipts) };
  };
};

/**
 * Runs an agent so that its answer claims no future work without a promise, and no deed without a receipt. A false
 * answer is sent back to the model once, to do it or to say what is true; people never see it. Claims that are false
 * even then are removed.
 */
export const makePromiseGate = (deps: ClaimDeps & { readonly runAgent: RunAgent }): RunAgent => {
  const untrueIn = makeUntrue(makeClaimCheck(deps));

  return async (agent, run) => {
    const first = await deps.runAgent(agent, run);
    const found = await untrueIn(first, run);
    if (isTrue(found)) return first;
    const { chatId, draft } = run.context;
    const about = { chatId, agent: agent.name };
    deps.events.emit({ type: 'answer-sent-back', gate: 'sent-back', ...about, ...told(found) });
    const canPromise = draft !== undefined && agent.tools.includes('make_promise');
    const second = await deps.runAgent(agent, {
      ...run,
      conversation: [...run.conversation, ...first.steps, noteOf(untrueNote(found, canPromise))],
      onSteps: (steps) => run.onSteps?.([...first.steps.slice(0, -1), ...steps]),
    });
    const answer = together(first, second);
    const left = await untrueIn(answer, run);
    if (isTrue(left)) {
      const promises = decidedIn(draft).promises.map(({ id }) => id);
      deps.events.emit({ type: 'answer-corrected', gate: 'sent-back', ...about, promises });
      return { ...answer, gate: found.deeds.length > 0 ? 'deeds-sent-back' : 'sent-back' };
    }
    deps.events.emit({ type: 'answer-rewritten', gate: 'rewritten', ...about, ...told(left) });
    const gate = left.deeds.length > 0 ? ('deeds-rewritten' as const) : ('rewritten' as const);
    const rewritten = { ...withText(answer, withoutUntrue(second.text, left)), gate };
    return isAllUntrue(second.text, left) ? { ...rewritten, unanswered: left.claims.length > 0 ? 'only-claims' : 'only-deeds' } : rewritten;
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

const told = ({ claims, deeds }: Untrue) => ({
  claims: wordsOf(claims),
  ...present({ deeds: deeds.length > 0 ? wordsOf(deeds) : undefined }),
});

const wordsOf = (sentences: readonly { readonly text: string }[]): readonly string[] =>
  sentences.slice(0, 5).map(({ text }) => excerpt(text, 200));
