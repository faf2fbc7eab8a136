import { actsIn, runId, unknownActsNote } from '../../domain/agent/run-step.ts';
import { type ConversationStep, noteOf } from '../../domain/conversation/conversation.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeStoredJournal, type StoredJournal } from '../agents/stored-journal.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';

/** The most runs of a promise that are looked at, and the most acts of earlier ones that a new one is told. */
const MAX_RUNS = 5;
const MAX_TOLD = 20;

export interface PromiseRuns {
  /** The open run of the promise, else a new one: an attempt may go on with what an earlier one has left. */
  open(promise: LeasedPromise, signal: AbortSignal): Promise<StoredJournal>;
  /** How many replies of models are stored for the open run of the promise: how far it has come. */
  storedReplies(promise: LeasedPromise, signal: AbortSignal): Promise<number>;
}

/**
 * The runs of promises. A run goes on over attempts, until its promise has ended. If that is tried again, the next
 * attempt begins a new run, which is told what the earlier ones did.
 */
export const makePromiseRuns = (deps: {
  readonly journal: Pick<Journal, 'append' | 'ofPromise'>;
  readonly unitOfWork?: UnitOfWork;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly clock: Clock;
  readonly events: Events;
}): PromiseRuns => ({
  storedReplies: async ({ id }, signal) => {
    const runs = await retryWhileUnavailable(() => deps.journal.ofPromise(id, 1), deps, signal);
    return runs.flatMap(({ endedAt, steps }) => (endedAt === undefined ? steps.filter(({ kind }) => kind === 'model') : [])).length;
  },
  open: async ({ id, chatId, agent }, signal) => {
    const runs = await retryWhileUnavailable(() => deps.journal.ofPromise(id, MAX_RUNS), deps, signal);
    const recorded = runs.findLast(({ endedAt }) => endedAt === undefined);
    const run = recorded ?? { id: runId(deps.randomness.id()), chatId, promiseId: id, agent, startedAt: deps.clock.now(), asked: [] };
    const earlierActs = runs.filter(({ endedAt }) => endedAt !== undefined).flatMap(({ steps }) => actsIn(steps));
    return makeStoredJournal({ ...deps, writer: deps.randomness.id() }, run, { recorded, earlierActs: earlierActs.slice(-MAX_TOLD) });
  },
});

/** What a new run is told of earlier ones; nothing where none of them acted. */
export const earlierActsNote = ({ earlierActs }: StoredJournal): readonly ConversationStep[] => {
  if (earlierActs.length === 0) return [];
  const acts = earlierActs.map(
    ({ tool, input, output, outcome }) =>
      `- ${tool} ${excerpt(JSON.stringify(input) ?? '', 200)}: ${outcome === 'unknown' ? 'whether it took effect is not known' : excerpt(output, 200)}`,
  );
  return [noteOf(`(Note: this was tried before, and tools have acted already. Do not do again what is done:\n${acts.join('\n')})`)];
};

/** The result, below what people must be told of calls whose outcome is not known. */
export const withUnknownActs = (run: StoredJournal, text: string): string => {
  const note = unknownActsNote(run.steps());
  return note === '' ? text : `${note}\n\n${text}`;
};
