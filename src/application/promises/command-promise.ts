import { operatorFact } from '../../domain/audit/facts.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, transition } from '../../domain/promise/transition.ts';
import { ok, type Refusal, type Result, refuse } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { CancelPromise, CommandPromise, DraftCancellation, RetryPromise } from '../../ports/use-cases/command-promise.ts';
import type { RightOver } from './right-over.ts';
import { commandPromise } from './store-promises.ts';

interface CommandDeps {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}

/** Ends a promise that has not ended: at once when it is not running, else by aborting its run. Its chat is told. */
export const makeCancelPromise = (deps: CommandDeps & { readonly reason: string }): CancelPromise =>
  makeCommand(deps, (at) => ({ type: 'cancel', at, reason: deps.reason }));

/**
 * Runs a failed or cancelled promise again, with all of its attempts. One that depends on others waits for them again,
 * or fails with them.
 */
export const makeRetryPromise = (deps: CommandDeps): RetryPromise => makeCommand(deps, (at) => ({ type: 'retry', at }));

const makeCommand =
  (deps: CommandDeps, command: (at: number) => PromiseCommand): CommandPromise =>
  async (id, { once } = {}) => {
    const asked = command(deps.clock.now());
    let isRepeat = false;
    const outcome = await deps.unitOfWork.run(async (stores) => {
      isRepeat = once !== undefined && (await stores.requestKeys.isDone(once));
      if (isRepeat) {
        const stored = await stores.promises.get(id);
        return stored && ok(stored);
      }
      const commanded = await commandPromise(stores, id, asked, deps.randomness);
      if (commanded?.ok && once !== undefined) await stores.requestKeys.markDone(once, asked.at);
      if (commanded?.ok) await stores.audit.add([operatorFact(asked.type, { promiseId: id, chatId: commanded.value.chatId }, asked.at)]);
      return commanded;
    });
    if (!outcome) return notFound(id);
    if (isRepeat) return outcome;
    const about = { promiseId: id, command: asked.type };
    if (outcome.ok) deps.events.emit({ type: 'promise-commanded', ...about, status: outcome.value.status });
    else deps.events.emit({ type: 'promise-command-refused', ...about, reason: outcome.error.code });
    return outcome;
  };

const notFound = (id: PromiseId): Result<never, Refusal<'promise/not-found'>> => refuse('promise/not-found', `there is no promise #${id}`);

/** Makes a cancellation part of a turn. Only promises of that turn's own chat are in reach. */
export const makeDraftCancellation =
  (deps: {
    readonly promises: Pick<PromiseStore, 'get'>;
    readonly clock: Clock;
    /** Default: everybody may. */
    readonly mayCommand?: RightOver | undefined;
  }): DraftCancellation =>
  async (id, context) => {
    const turn = context.draft;
    if (!turn) return refuse('promise/invalid', 'a promise can only be cancelled while a message is being answered');
    const promise = decidedIn(turn).promises.find((drafted) => drafted.id === id) ?? (await deps.promises.get(id));
    if (!promise || promise.chatId !== context.chatId) return notFound(id);
    const moved = transition(promise, { type: 'cancel', at: deps.clock.now(), reason: '' });
    if (!moved.ok) return refuse('promise/already-settled', moved.error.message);
    const refused = deps.mayCommand?.(context, promise.requestedBy.id);
    if (refused !== undefined) return refuse('promise/not-allowed', refused);
    turn.decide({ type: 'cancel-promise', promiseId: id });
    return ok(promise);
  };
