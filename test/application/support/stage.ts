import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { type MemoryChangeFeed, makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { homingStorage } from '../../../src/application/chats/homing-storage.ts';
import { makeMovedChats } from '../../../src/application/chats/moved-chats.ts';
import { makeFetchAttachments } from '../../../src/application/inbox/fetch-attachments.ts';
import { makeFollowMove } from '../../../src/application/inbox/follow-move.ts';
import {
  CHAT_AGENT,
  makeAnswerChat,
  makeCancelPromise,
  makeCancelSchedule,
  makeChatAnswerer,
  makeDraftCancellation,
  makeDraftPromise,
  makeDraftSchedule,
  makeDraftScheduleEnd,
  makeEraseMessages,
  makeExpirePromises,
  makeMakePromise,
  makeMakeSchedule,
  makeOutboxDeliverer,
  makePresence,
  makePromiseWorker,
  makeReceiveMessage,
  makeRetryPromise,
  makeRunAgent,
  makeRunCommand,
  makeRunningTurns,
  makeSendLimiter,
  makeTickSchedules,
  type TurnSettings,
  type WorkerSettings,
} from '../../../src/application/index.ts';
import type { AccessPolicy, Agent, IncomingMessage } from '../../../src/domain/index.ts';
import { DEFAULT_RETRY, promiseId } from '../../../src/domain/index.ts';
import type { ChatGateway, LanguageModel, PromiseExecutor, Randomness, Redact, Storage, Tool } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  type FixedClock,
  makeFixedClock,
  makeRecordingEvents,
  makeRecordingGateway,
  makeRecordingLogger,
  makeScriptedModel,
  makeSeededRandomness,
  type RecordingGateway,
  workResult,
} from '../../../src/testing/index.ts';
import { modelAndTools, onlyAgent } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { type Life, makeLife, mortalClock, mortalFeed, mortalGateway, mortalStorage, type OnUnitCall } from '../crashes/life.ts';

export const SECRET = 'open-sesame-4711';
export const redact: Redact = (text) => text.replaceAll(SECRET, '[redacted]');

/** Everything that is outside of a process, and outlives it: storage, time, the other side of the gateway. */
export interface World {
  readonly storage: Storage;
  readonly clock: FixedClock;
  readonly changes: MemoryChangeFeed;
  readonly gateway: RecordingGateway;
  readonly randomness: Randomness;
}

export const makeWorld = (options: { readonly storage?: Storage; readonly seed?: number } = {}): World => {
  const clock = makeFixedClock();
  const changes = makeMemoryChangeFeed(clock.after);
  const { storage = makeMemoryStorage({ changes }), seed = 1 } = options;
  return { storage, clock, changes, gateway: makeRecordingGateway(), randomness: makeSeededRandomness(seed) };
};

export interface ProcessOptions {
  readonly model?: LanguageModel;
  readonly tools?: readonly Tool[];
  readonly agent?: Agent;
  readonly executor?: PromiseExecutor;
  readonly policy?: AccessPolicy;
  readonly gateways?: readonly ChatGateway[];
  readonly turn?: Partial<TurnSettings>;
  readonly work?: Partial<WorkerSettings>;
  readonly maxChats?: number;
  readonly workerId?: string;
  readonly life?: Life;
  readonly isOutstandingPing?: (message: IncomingMessage) => boolean;
  /** Called before each store call within a unit of work; what it throws undoes the unit. */
  readonly onUnitCall?: OnUnitCall;
}

export const TURN: TurnSettings = { replyTimeoutMs: 30_000, maxHistory: 20, maxHistoryTokens: 10_000 };
export const WORK: WorkerSettings = { concurrency: 4, leaseMs: 30_000, heartbeatMs: 10_000, attemptTimeoutMs: 600_000 };

/** The use cases of one process, put together as `main` does. What it asks of the world passes through its life. */
export const makeProcess = (world: World, options: ProcessOptions = {}) => {
  const life = options.life ?? makeLife();
  const logger = makeRecordingLogger();
  const clock = mortalClock(world.clock, life);
  const events = logged(logger, world.clock);
  const recorded = makeRecordingEvents();
  events.on(recorded.emit);
  const changes = mortalFeed(world.changes, life);
  const { stores, unitOfWork, queue, state } = homingStorage(mortalStorage(world.storage, life, world.changes, options.onUnitCall));
  const { randomness } = world;
  const moved = makeMovedChats(stores.chatMoves);
  const configured = options.policy ?? buildPolicy();
  const policy = moved.over(configured);
  const gateways = options.gateways ?? [mortalGateway(world.gateway, life)];
  const base = { stores, unitOfWork, clock, randomness, events, redact, policy };
  const draftPromise = makeDraftPromise({ promises: stores.promises, clock, redact, retry: DEFAULT_RETRY, policy });
  const draftCancellation = makeDraftCancellation({ promises: stores.promises, clock });
  const model = options.model ?? makeScriptedModel([]);
  const tools = options.tools ?? [promiseTool(draftPromise), cancelTool(draftCancellation)];
  const runAgent = makeRunAgent({ ...modelAndTools(model, tools), events, clock, redact });
  const limiter = makeSendLimiter({ state, clock, events });
  const presence = makePresence({ gateways, limiter, outbox: stores.outbox, clock, events });
  const turns = makeRunningTurns();
  const attachments = makeFetchAttachments({
    stores,
    unitOfWork,
    gateways,
    policy,
    clock,
    redact,
    events,
    onComplete: (chatId) => answerer.wake(chatId),
  });
  const runCommand = makeRunCommand({ ...base, statusLine: async () => 'ok; up 1 s' });
  const answerChat = makeAnswerChat({
    ...base,
    runAgent,
    draftPromise,
    agents: onlyAgent(options.agent ?? CHAT_AGENT),
    runCommand,
    turns,
    moved,
    gateways,
    presence,
    settings: { ...TURN, ...options.turn },
  });
  const answerer = makeChatAnswerer({
    messages: stores.messages,
    answerChat,
    changes,
    clock,
    events,
    moved,
    maxChats: options.maxChats ?? 8,
  });
  const deliverer = makeOutboxDeliverer({
    outbox: stores.outbox,
    unitOfWork,
    gateways,
    limiter,
    moved,
    changes,
    clock,
    events,
    maxChats: options.maxChats ?? 8,
  });
  const worker = makePromiseWorker({
    ...base,
    workerId: options.workerId ?? randomness.id(),
    queue,
    promises: stores.promises,
    changes,
    executor: options.executor ?? { execute: async ({ description }) => workResult(`done: ${description}`) },
    settings: { ...WORK, ...options.work },
  });
  const scheduling = { ...base, schedules: stores.schedules, calendar: cronCalendar, timeZone: 'Europe/Berlin', retry: DEFAULT_RETRY };
  const ticks = makeTickSchedules({ ...scheduling, changes });
  const deadlines = makeExpirePromises({ ...base, promises: stores.promises, changes });
  return {
    life,
    logger,
    attachments,
    /** Every event of this process. */
    recorded,
    runAgent,
    answerChat,
    answerer,
    deliverer,
    worker,
    deadlines,
    ticks,
    schedule: makeMakeSchedule(scheduling),
    cancelSchedule: makeCancelSchedule(base),
    draftSchedule: makeDraftSchedule(scheduling),
    draftScheduleEnd: makeDraftScheduleEnd(scheduling),
    draftPromise,
    draftCancellation,
    loadMoves: moved.load,
    followMove: makeFollowMove({ ...base, policy: configured, moved, turns }),
    receive: makeReceiveMessage({ ...base, attachments, presence, turns, isOutstandingPing: options.isOutstandingPing ?? (() => false) }),
    erase: makeEraseMessages({ unitOfWork, clock, events, turns, presence }),
    make: makeMakePromise({ ...base, promises: stores.promises, retry: DEFAULT_RETRY, timeZone: 'Europe/Berlin' }),
    cancel: makeCancelPromise({ ...base, reason: 'By the operator.' }),
    retry: makeRetryPromise(base),
    start: () => {
      deliverer.start();
      answerer.start();
      void attachments.start();
      worker.start();
      deadlines.start();
      ticks.start();
    },
  };
};

export type Process = ReturnType<typeof makeProcess>;

/** `make_promise` of `{ description, dependsOn? }`. */
const promiseTool = (draftPromise: ReturnType<typeof makeDraftPromise>): Tool => ({
  name: 'make_promise',
  description: 'makes a promise',
  inputSchema: { type: 'object' },
  effect: 'decides',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async (input, context) => {
    const { description, dependsOn = [] } = input as { description: string; dependsOn?: number[] };
    const made = await draftPromise({ description, dependsOn: dependsOn.map(promiseId) }, context);
    return made.ok ? { output: `#${made.value.promise.id}`, isError: false } : { output: made.error.message, isError: true };
  },
});

/** `cancel_promise` of `{ id }`. */
const cancelTool = (draftCancellation: ReturnType<typeof makeDraftCancellation>): Tool => ({
  name: 'cancel_promise',
  description: 'cancels a promise',
  inputSchema: { type: 'object' },
  effect: 'decides',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async (input, context) => {
    const cancelled = await draftCancellation(promiseId((input as { id: number }).id), context);
    return cancelled.ok
      ? { output: `#${cancelled.value.id} is cancelled`, isError: false }
      : { output: cancelled.error.message, isError: true };
  },
});

/** In memory everything that can happen at this moment of the clock has happened after one turn of the event loop. */
export const quiet = (): Promise<void> => turnOfTheLoop();

/** Turns of the event loop until `condition` holds: for storage that does real work. */
export const until = async (condition: () => boolean | Promise<boolean>, what = 'the condition holds'): Promise<void> => {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > 10_000) throw new Error(`never came: ${what}`);
    await turnOfTheLoop();
  }
};

/** Moves the clock on in steps, so that what falls due on the way is done before the next thing falls due. */
export const pass = async ({ clock }: Pick<World, 'clock'>, ms: number, stepMs = 5_000): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    await quiet();
    clock.advance(Math.min(stepMs, left));
  }
  await quiet();
};
