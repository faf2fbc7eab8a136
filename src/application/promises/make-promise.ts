import type { AskedApproval } from '../../domain/approval/approval.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { CODING } from '../../domain/coding/coding-task.ts';
import { decidedIn, type TurnDraft } from '../../domain/conversation/decision.ts';
import { checkDependencies } from '../../domain/promise/dependencies.ts';
import { MAX_OPEN_PROMISES_PER_CHAT, MAX_PROMISES_PER_TURN } from '../../domain/promise/limits.ts';
import type { AgentPromise, PromiseId, RetryPolicy } from '../../domain/promise/promise.ts';
import { makePromise } from '../../domain/promise/transition.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, type Result, refuse } from '../../domain/shared/result.ts';
import { clockTime } from '../../domain/shared/time.ts';
import type { Provenance } from '../../domain/trust/labels.ts';
import { writtenBy } from '../../domain/trust/shown.ts';
import { type AccessPolicy, tenantOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type {
  DraftPromise,
  MadePromise,
  MakePromise,
  MakePromiseRefusal,
  PromiseOrigin,
  PromiseRequest,
  TaskRefusal,
} from '../../ports/use-cases/make-promise.ts';
import { askedBy } from './asked-by.ts';
import { checkTask, invalid } from './check-task.ts';
import { addPromises } from './store-promises.ts';

interface MakeDeps {
  readonly promises: PromiseStore & PromiseQueries;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly retry: RetryPolicy;
  readonly policy: Pick<AccessPolicy, 'workspaces'>;
  /** The IANA time zone of times in refusals. Default: UTC. */
  readonly timeZone?: string;
}

/** Marks a promise that continues a turn, in its metadata. */
export const GOES_ON = 'goesOn';

/** A promise as it will be stored, or the existing one with its idempotency key. Nothing is stored yet. */
const draft = async (
  deps: MakeDeps,
  request: PromiseRequest,
  origin: PromiseOrigin,
  drafted: readonly AgentPromise[],
  from: Provenance | undefined,
  whyRefused?: () => Promise<string | undefined>,
): Promise<Result<MadePromise, MakePromiseRefusal>> => {
  const task = checkTask(request, deps.redact);
  if (!task.ok) return task;
  const key = request.idempotencyKey;
  if (key !== undefined) {
    const existing = drafted.find(({ idempotencyKey }) => idempotencyKey === key) ?? (await deps.promises.findByKey(origin.chatId, key));
    if (existing) return ok({ promise: existing, isNew: false });
  }
  const full = await whyRefused?.();
  if (full !== undefined) return refuse('promise/too-many', full);
  const now = deps.clock.now();
  const problem = timeProblem(request, now, deps.timeZone);
  if (problem !== undefined) return invalid(problem);
  const dependsOn = [...new Set(request.dependsOn ?? [])];
  const stored = dependsOn.length > 0 ? await deps.promises.getMany(dependsOn) : [];
  const parents = new Map([...drafted, ...stored].map((parent) => [parent.id, parent]));
  const checked = checkDependencies([{ id: UNNUMBERED, dependsOn }], (parent) => parents.get(parent)?.chatId === origin.chatId);
  if (!checked.ok) return checked;
  // Last, because a refused promise must not use up a number.
  const [id] = await deps.promises.reserveIds(1);
  return ok({
    isNew: true,
    promise: makePromise({
      id: id as PromiseId,
      chatId: origin.chatId,
      chatKind: origin.chatKind,
      requestedBy: origin.requestedBy,
      ...present({
        messageId: origin.messageId,
        notBefore: request.notBefore,
        deadline: request.deadline,
        idempotencyKey: key,
        provenance: from,
      }),
      ...task.value,
      tenant: tenantOf(deps.policy, origin.chatId),
      dependsOn,
      retry: deps.retry,
      metadata: { ...(request.goesOn ? { [GOES_ON]: true } : {}), ...(request.coding ? { [CODING]: true } : {}) },
      createdAt: now,
    }),
  });
};

/** Programs and commands are the operator's. */
const BY_OPERATOR: Provenance = { labels: ['operator'] };

/** The id of no promise: nothing can depend on a promise without a number. */
const UNNUMBERED = 0 as PromiseId;

/** What is wrong with the times of a request. Undefined if nothing is. */
const timeProblem = ({ notBefore, deadline }: PromiseRequest, now: number, timeZone = 'UTC'): string | undefined => {
  const timeText = (at: number): string => (Math.abs(at) < LAST_YEAR ? `${clockTime(at, timeZone)} (${timeZone})` : String(at));
  if (notBefore !== undefined && !(notBefore >= now - MAX_LATE_MS)) return `the start must lie ahead: ${timeText(notBefore)} is past`;
  if (notBefore !== undefined && notBefore > now + MAX_AHEAD_MS)
    return `a promise starts within ten years: ${timeText(notBefore)} is further off`;
  if (deadline !== undefined && !(deadline > Math.max(now, notBefore ?? 0)))
    return `the deadline must lie ahead, and after the start: ${timeText(deadline)} does not`;
  return undefined;
};

/** A later time is a typing error, or seconds given as milliseconds. */
const MAX_AHEAD_MS = 10 * 366 * 24 * 60 * 60 * 1000;

/** A start up to this long ago means now: the request took a while to arrive. */
const MAX_LATE_MS = 60_000;

/** Times before this one are written as dates. */
const LAST_YEAR = Date.UTC(9999, 0);

/**
 * Why a turn may make no more promises. Undefined if it may. Promises that the turn cancels do not count.
 */
export const whyFull = async (
  promises: Pick<PromiseQueries, 'countOpen'>,
  chatId: ChatId,
  turn: TurnDraft,
): Promise<string | undefined> => {
  const { promises: made, cancelledPromises } = decidedIn(turn);
  if (made.length >= MAX_PROMISES_PER_TURN)
    return `one answer makes ${MAX_PROMISES_PER_TURN} promises at most, and has made them; the rest can be asked for in a further message`;
  const open = (await promises.countOpen(chatId)) + made.length - cancelledPromises.length;
  return open < MAX_OPEN_PROMISES_PER_CHAT ? undefined : chatIsFull(open);
};

/** Says that a chat may have no more promises, and what helps. */
export const chatIsFull = (open: number): string =>
  `${open} promises of this chat have not ended, and it may have ${MAX_OPEN_PROMISES_PER_CHAT} of them; wait until some have, or cancel some (/promises lists them, /cancel <number> makes room)`;

/**
 * Whether a promise that a turn makes waits for an approval: the promise as it then is, with that approval, or by a
 * standing one; undefined where it needs none.
 */
export type GuardDraft = (
  promise: AgentPromise,
  context: ToolContext,
) => Promise<Result<{ readonly promise: AgentPromise; readonly approval?: AskedApproval } | undefined, TaskRefusal>>;

/** Makes a promise part of a turn: it is stored with that turn's reply, or not at all. */
export const makeDraftPromise =
  (deps: MakeDeps & { readonly guard?: GuardDraft | undefined }): DraftPromise =>
  async (request, context) => {
    const turn = context.draft;
    if (!turn) return invalid('a promise can only be made while a message is being answered');
    const origin = askedBy(context, request.messageId);
    if (!origin.ok) return origin;
    const from = writtenBy(context.shown);
    const drafted = await draft(deps, request, origin.value, decidedIn(turn).promises, from, () =>
      whyFull(deps.promises, context.chatId, turn),
    );
    if (!drafted.ok || !drafted.value.isNew) return drafted;
    const guarded = request.goesOn ? ok(undefined) : ((await deps.guard?.(drafted.value.promise, context)) ?? ok(undefined));
    if (!guarded.ok) return guarded;
    const promise = guarded.value?.promise ?? drafted.value.promise;
    turn.decide({ type: 'make-promise', promise });
    if (guarded.value?.approval) turn.decide({ type: 'ask-approval', approval: guarded.value.approval });
    return ok({ promise, isNew: true });
  };

/**
 * Makes a promise at once, for a program or an operator. When it resolves, to the promise as it is stored, it is
 * durable and will be kept.
 */
export const makeMakePromise =
  (deps: MakeDeps & { readonly unitOfWork: UnitOfWork; readonly randomness: Randomness; readonly events: Events }): MakePromise =>
  async (request, origin) => {
    const { clock, redact, retry, policy, timeZone, unitOfWork, randomness, events } = deps;
    // Everything in one unit, the number too: the commit takes most of the time.
    const make = async (stores: Stores): Promise<Result<MadePromise, MakePromiseRefusal>> => {
      const drafted = await draft(
        { promises: stores.promises, clock, redact, retry, policy, ...present({ timeZone }) },
        request,
        origin,
        [],
        BY_OPERATOR,
      );
      if (!drafted.ok || !drafted.value.isNew) return drafted;
      const { promise } = drafted.value;
      await addPromises(stores, [promise], clock.now(), randomness);
      const moved = promise.status === 'waiting' ? await stores.promises.get(promise.id) : undefined;
      return ok({ promise: moved ?? promise, isNew: true });
    };
    try {
      const made = await unitOfWork.run(make);
      if (!made.ok || !made.value.isNew) return made;
      const { id, chatId, taskType } = made.value.promise;
      events.emit({ type: 'promise-made', promiseId: id, chatId, taskType, by: 'program' });
      return made;
    } catch (error) {
      // Another process made the promise for this key between our read and our commit.
      const key = request.idempotencyKey;
      const existing =
        isPortError(error) && error.code === 'concurrency' && key !== undefined
          ? await deps.promises.findByKey(origin.chatId, key)
          : undefined;
      if (!existing) throw error;
      return ok({ promise: existing, isNew: false });
    }
  };
