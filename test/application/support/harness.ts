import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { type MemoryChangeFeed, makeMemoryChangeFeed, makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeApprovals } from '../../../src/application/approvals/approvals.ts';
import { homingStorage } from '../../../src/application/chats/homing-storage.ts';
import {
  type AgentCatalog,
  CHAT_AGENT,
  type ModelCatalog,
  makeBot,
  makeCallGuard,
  makeCallParts,
  makeCommands,
  makeJudgeCall,
  makeRunAgent,
  makeToolActions,
  makeWorker,
  type TurnSettings,
  type WorkerSettings,
} from '../../../src/application/index.ts';
import type { AccessPolicy, Agent, Budget, IncomingMessage, Prices } from '../../../src/domain/index.ts';
import { DEFAULT_RETRY, present, promiseId } from '../../../src/domain/index.ts';
import type {
  ChatGateway,
  DraftCancellation,
  DraftPromise,
  LanguageModel,
  PromiseExecutor,
  Randomness,
  Redact,
  Storage,
  Tool,
  WorkspaceFiles,
} from '../../../src/ports/index.ts';
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
import {
  makeLifetime,
  mortalClock,
  mortalFeed,
  mortalGateway,
  mortalStorage,
  type OnUnitCall,
  type ProcessLifetime,
} from '../crashes/process-lifetime.ts';

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
  /** Default: `model` is all of them. */
  readonly models?: ModelCatalog;
  readonly tools?: readonly Tool[];
  /** Beside those that there are without `tools`. */
  readonly moreTools?: readonly Tool[];
  readonly agent?: Agent;
  /** Default: it has `agent` alone. */
  readonly agents?: AgentCatalog;
  /** `agent`: the product's own, which runs the agent. */
  readonly executor?: PromiseExecutor | 'agent';
  /** Whether tools that act may run in promises. */
  readonly mayAct?: true;
  /** As the product: what acts asks people, by `policy`, and what they approve is run. */
  readonly asks?: true;
  readonly policy?: AccessPolicy;
  readonly prices?: Prices;
  /** What a promise may cost. */
  readonly perPromise?: Budget;
  readonly gateways?: readonly ChatGateway[];
  readonly turn?: Partial<TurnSettings>;
  readonly work?: Partial<WorkerSettings>;
  readonly summaryModel?: LanguageModel;
  readonly maxChats?: number;
  /** What people have sent. Default: no model is shown a file. */
  readonly files?: Pick<WorkspaceFiles, 'read' | 'readBytes'>;
  readonly workerId?: string;
  readonly life?: ProcessLifetime;
  readonly isOutstandingPing?: (message: IncomingMessage) => boolean;
  readonly personMessagesPerMinute?: number;
  /** Called before each store call within a unit of work; what it throws undoes the unit. */
  readonly onUnitCall?: OnUnitCall;
}

export const TURN: TurnSettings = { replyTimeoutMs: 30_000, maxHistory: 20, maxHistoryTokens: 10_000 };
export const WORK: WorkerSettings = { concurrency: 4, leaseMs: 30_000, heartbeatMs: 10_000, attemptTimeoutMs: 600_000 };

/**
 * One process, put together by the product's own composition: only its ports are replaced. What it asks of the world
 * passes through its life.
 */
export const makeProcess = (world: World, options: ProcessOptions = {}) => {
  const life = options.life ?? makeLifetime();
  const logger = makeRecordingLogger();
  const events = logged(logger, world.clock);
  const recorded = makeRecordingEvents();
  events.on(recorded.emit);
  const { randomness } = world;
  const clock = mortalClock(world.clock, life);
  const model = options.model ?? makeScriptedModel([]);
  const tools = options.tools ?? [
    promiseTool((request, context) => parts.draftPromise(request, context)),
    cancelTool((id, context) => actions.cancelPromise(id, context)),
    ...(options.moreTools ?? []),
  ];
  const mayAct = (): boolean => options.mayAct ?? false;
  const storage = homingStorage(mortalStorage(world.storage, life, world.changes, options.onUnitCall));
  const known = { ...modelAndTools(model, tools), ...present({ models: options.models }) };
  const judgeCall = options.asks && makeJudgeCall(options.policy ?? buildPolicy());
  const guard = options.asks && makeCallGuard({ stores: storage.stores, clock, redact, prices: options.prices });
  const runAgent = makeRunAgent({ ...known, events, clock, redact, mayAct, judgeCall, guard });
  const core = {
    storage,
    changes: mortalFeed(world.changes, life),
    clock,
    randomness,
    policy: options.policy ?? buildPolicy(),
    events,
    redact,
    prices: options.prices,
    perPromise: options.perPromise,
    retry: DEFAULT_RETRY,
    runAgent,
    agents: options.agents ?? onlyAgent(options.agent ?? CHAT_AGENT),
  };
  const { parts } = makeBot({
    ...core,
    gateways: options.gateways ?? [mortalGateway(world.gateway, life)],
    turns: { ...TURN, ...options.turn },
    maxChats: options.maxChats ?? 8,
    files: options.files,
    summaryModel: options.summaryModel,
    statusLine: async () => 'ok; up 1 s',
    isOutstandingPing: options.isOutstandingPing,
    personMessagesPerMinute: options.personMessagesPerMinute,
  });
  const policy = parts.moved.over(core.policy);
  const timed = { ...core, policy, calendar: cronCalendar, timeZone: 'Europe/Berlin' };
  const { executor = { execute: async ({ description }) => workResult(`done: ${description}`) } } = options;
  const { parts: work } = makeWorker({
    ...timed,
    workerId: options.workerId ?? randomness.id(),
    calls: judgeCall && guard && makeCallParts({ ...known, clock, events, redact, judgeCall, guard }),
    executor: executor === 'agent' ? undefined : executor,
    settings: { ...WORK, ...options.work },
  });
  const { ticks } = work;
  if (!ticks) throw new Error('a worker with a calendar has ticks');
  const commands = makeCommands(timed);
  const actions = makeToolActions({ ...timed, stores: core.storage.stores });
  return {
    life,
    logger,
    /** Every event of this process. */
    recorded,
    runAgent,
    attachments: parts.attachments,
    inbound: parts.inbound,
    answerChat: parts.answerChat,
    summaries: parts.summaries,
    answerer: parts.answerer,
    deliverer: parts.deliverer,
    worker: work.runner,
    deadlines: work.deadlines,
    expiry: work.expiry,
    approvals: makeApprovals({ ...timed, stores: storage.stores, unitOfWork: storage.unitOfWork }),
    ticks,
    schedule: commands.makeSchedule,
    cancelSchedule: commands.cancelSchedule,
    draftSchedule: actions.draftSchedule,
    draftScheduleEnd: actions.endSchedule,
    draftPromise: parts.draftPromise,
    draftCancellation: actions.cancelPromise,
    loadMoves: parts.moved.load,
    followMove: parts.followMove,
    receive: parts.receive,
    erase: parts.erase,
    make: commands.makePromise,
    cancel: commands.cancelPromise,
    retry: commands.retryPromise,
    start: () => {
      parts.deliverer.start();
      parts.answerer.start();
      void parts.attachments.start();
      work.runner.start();
      work.deadlines.start();
      ticks.start();
    },
  };
};

export type Process = ReturnType<typeof makeProcess>;

/** `make_promise` of `{ description, dependsOn? }`. */
const promiseTool = (draftPromise: DraftPromise): Tool => ({
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
const cancelTool = (draftCancellation: DraftCancellation): Tool => ({
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
export const settle = (): Promise<void> => turnOfTheLoop();

/** Turns of the event loop until `condition` holds: for storage that does real work. */
export const until = async (condition: () => boolean | Promise<boolean>, what = 'the condition holds'): Promise<void> => {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > 10_000) throw new Error(`never came: ${what}`);
    await turnOfTheLoop();
  }
};

/** Moves the clock on in steps, so that what falls due on the way is done before the next thing falls due. */
export const advance = async ({ clock }: Pick<World, 'clock'>, ms: number, stepMs = 5_000): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    await settle();
    clock.advance(Math.min(stepMs, left));
  }
  await settle();
};
