import type { ChatId } from '../../domain/chat/ids.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import type { AgentPromise, PromiseId } from '../../domain/promise/promise.ts';
import { type PromiseCommand, transition } from '../../domain/promise/transition.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type { PromiseRefusal } from './make-promise.ts';
import { commandPromise } from './store-promises.ts';

export type CommandPromise = (id: PromiseId) => Promise<Result<AgentPromise, PromiseRefusal>>;

interface CommandDeps {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** Ends a promise that has not ended: at once when it is not running, else by aborting its run. Its chat is told. */
export const makeCancelPromise = (deps: CommandDeps & { readonly reason: string }): CommandPromise =>
  makeCommand(deps, (at) => ({ type: 'cancel', at, reason: deps.reason }));

/**
 * Runs a failed or cancelled promise again, with all of its attempts. One that depends on others waits for them again,
 * or fails with them.
 */
export const makeRetryPromise = (deps: CommandDeps): CommandPromise => makeCommand(deps, (at) => ({ type: 'retry', at }));

const makeCommand =
  (deps: CommandDeps, command: (at: number) => PromiseCommand): CommandPromise =>
  async (id) => {
    const asked = command(deps.clock.now());
    const outcome = await deps.unitOfWork.run(async (stores) => {
      const moved = await commandPromise(stores, id, asked, deps.randomness);
      return moved?.ok ? ok((await stores.promises.get(id)) ?? moved.value) : moved;
    });
    if (!outcome) return notFound(id);
    const facts = { promiseId: id, command: asked.type };
    if (outcome.ok) deps.logger.info({ ...facts, status: outcome.value.status }, 'promise commanded');
    else deps.logger.info({ ...facts, reason: outcome.error.code }, 'a command on a promise was refused');
    return outcome;
  };

const notFound = (id: PromiseId): Result<never, PromiseRefusal> =>
  err({ code: 'promise/not-found', message: `there is no promise #${id}` });

export type DraftCancellation = (id: PromiseId, context: ToolContext) => Promise<Result<AgentPromise, PromiseRefusal>>;

/** Makes a cancellation part of a turn. Only promises of that turn's own chat are in reach. */
export const makeDraftCancellation =
  (deps: { readonly promises: PromiseStore; readonly clock: Clock }): DraftCancellation =>
  async (id, context) => {
    const turn = context.draft;
    if (!turn) return err({ code: 'promise/invalid', message: 'a promise can only be cancelled while a message is being answered' });
    const promise = decidedIn(turn).promises.find((drafted) => drafted.id === id) ?? (await deps.promises.get(id));
    if (!promise || promise.chatId !== context.chatId) return notFound(id);
    const moved = transition(promise, { type: 'cancel', at: deps.clock.now(), reason: '' });
    if (!moved.ok) return err({ code: 'promise/already-settled', message: moved.error.message });
    turn.decide({ type: 'cancel-promise', promiseId: id });
    return ok(promise);
  };

export type ListPromises = (request: {
  readonly chatId: ChatId;
  readonly statuses?: readonly AgentPromise['status'][];
}) => Promise<readonly AgentPromise[]>;

/** A chat's own promises, newest first, 50 at the most. */
export const makeListPromises =
  (deps: { readonly promises: PromiseStore }): ListPromises =>
  ({ chatId, statuses }) =>
    deps.promises.find({ chatId, newestFirst: true, limit: 50, ...(statuses ? { statuses } : {}) });
