import type { Agent } from '../domain/agent/agent.ts';
import { CHAT_AGENT, PROMISE_AGENT } from '../domain/agent/built-in.ts';
import type { TurnSettings } from '../domain/conversation/turn-settings.ts';
import type { IncomingMessage } from '../domain/message/message.ts';
import type { WorkerSettings } from '../domain/promise/worker-settings.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import type { ContentSink } from '../ports/content.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { silentLogger } from '../ports/logger.ts';
import { PortError } from '../ports/port-error.ts';
import type { PromiseExecutor } from '../ports/promise-executor.ts';
import type { Tool } from '../ports/tool.ts';
import { toolSource } from '../ports/tool-source.ts';
import { makeAgentCatalog } from './agents/agent-catalog.ts';
import { makeRunAgent, type RunAgent } from './agents/run-agent.ts';
import { makeCallGuard } from './approvals/call-guard.ts';
import { makeAuditEvents } from './audit/audit-events.ts';
import { type Bot, makeBot } from './bot.ts';
import { BUILT_IN_TOOLS, type GivenCoding, type LoadBuiltIns, TOOL_GROUPS, type ToolGroup } from './built-ins.ts';
import { makeMovedChats } from './chats/moved-chats.ts';
import { checkAgents, checkParts, wholeCoding } from './check-parts.ts';
import { makeModelChains } from './models/model-catalog.ts';
import { makeResilientChains } from './models/resilient.ts';
import { type Commands, makeCommands } from './operator-commands.ts';
import { makePairedPeople } from './pairing/paired-people.ts';
import { type GivenParts, type Optional, withDefaults } from './parts.ts';
import { makeLoggedEvents } from './telemetry/logged-events.ts';
import { type EventListener, makeEvents } from './telemetry/make-events.ts';
import { makeCallParts } from './tools/call-parts.ts';
import { makeJudgeCall } from './tools/judge-call.ts';
import { makeToolCatalog } from './tools/tool-catalog.ts';
import { makeMayCall } from './tools/workspace-rules.ts';
import type { PromiseWorker } from './worker/run-promises.ts';
import { makeWorker } from './worker.ts';

/**
 * Your parts. Optional parts that are absent or undefined have defaults: no log and no redaction, the built-in agents,
 * tools and calendar, three attempts at a promise.
 */
export interface KeptParts extends GivenParts, Optional<KeptOptions> {
  readonly model: LanguageModel;
  /** Gateways with different names. */
  readonly gateways: readonly ChatGateway[];
}

export interface KeptOptions {
  /**
   * Models that agents name, under the names that they use for them; each has a name of its own. An agent's own model
   * is asked before `model`, which stands in for it.
   */
  readonly models: Readonly<Record<string, LanguageModel>>;
  /**
   * Your own tools, in addition to the built-in ones. The built-in agents are offered all of them; your own agents only
   * those that they name. An empty list means no tools at all, unless `builtInTools` is given.
   */
  readonly tools: readonly Tool[];
  /** The groups of built-in tools. Default: all of them. */
  readonly builtInTools: readonly ToolGroup[];
  /** Directories that file tools never show, even inside a workspace, such as those of your storage and secrets. */
  readonly hidden: readonly string[];
  readonly chatAgent: Agent;
  readonly promiseAgent: Agent;
  /** Does the work of promises. Default: runs the agent that a promise names, else `promiseAgent`. */
  readonly executor: PromiseExecutor;
  /**
   * Changes code: the agent, such as `makeAcpAgent(…)`, and parts of your own in place of the usual ones, which tell
   * changes by Git, and let one run at a time into a directory. With it, `delegate_coding_task` is offered.
   */
  readonly coding: GivenCoding;
  /** Hears what models and tools are asked and say; see `makeContent` and `makeLogContent`. Default: nobody does. */
  readonly content: ContentSink;
  readonly turns: Optional<TurnSettings>;
  readonly work: Optional<WorkerSettings>;
  /** Which of the agent's own messages are allowed; see `makeSelfPing`. Default: none of them. */
  readonly isOutstandingPing: (message: IncomingMessage) => boolean;
}

export interface Kept extends Bot, Commands {
  /**
   * Calls `listener` with each event of bot, worker and commands from now on, until the returned function is called. A
   * listener MUST NOT wait; if it throws, that is logged, and nothing else happens.
   */
  on(listener: EventListener): () => void;
  /**
   * Stops the bot as `Bot.stop` does. Running promises get the same time, and are then handed back; nothing is lost. A
   * stopped Kept cannot be started again.
   */
  stop(graceMs?: number): Promise<void>;
}

/** No name that an agent may use. */
const MAIN_MODEL = '';

/**
 * Makes bot, worker and commands in one from your parts: it answers the messages that the gateways receive, and keeps
 * the promises that are made. Throws a TypeError, in words, if a part is missing, a name is unknown or used twice, or a
 * tool would be offered to nobody. `loadBuiltIns` loads the built-in tools and the calendar; `makeKept` of the package
 * `kept` passes it.
 */
export const makeKept = (given: KeptParts, loadBuiltIns?: LoadBuiltIns): Kept => {
  const counted = makeLoggedEvents({ logger: given.logger ?? silentLogger, clock: given.clock });
  const parts = withDefaults({ ...given, events: given.events ?? counted });
  checkParts(parts);
  const { storage, clock, correlation, randomness, redact, content } = parts;
  const events = makeEvents([(event) => parts.events.emit(event)], counted.onFault);
  events.on(makeAuditEvents({ audit: storage.stores.audit, clock, events }));
  const own = parts.tools ?? [];
  const wanted = loadBuiltIns ? (parts.builtInTools ?? (parts.tools?.length === 0 ? [] : TOOL_GROUPS)) : [];
  const groups = wanted.filter((group) => group !== 'coding' || parts.coding !== undefined);
  const chatAgent = offering(parts.chatAgent, CHAT_AGENT, own, groups);
  const promiseAgent = offering(parts.promiseAgent, PROMISE_AGENT, own, groups);
  checkAgents({ chatAgent, promiseAgent }, own, groups, Object.keys(parts.models ?? {}));

  const cooldownStore = parts.storage.state('models');
  const models = makeModelChains({
    order: [MAIN_MODEL],
    make: (name) => (name === MAIN_MODEL ? parts.model : (parts.models?.[name] ?? parts.model)),
    chain: makeResilientChains({ clock, randomness, events, cooldownStore }),
  });
  const agents = makeAgentCatalog({ chat: chatAgent, promise: promiseAgent });
  const moved = makeMovedChats(parts.storage.stores.chatMoves);
  const paired = makePairedPeople(parts.storage.stores.pairings, parts.policy);
  const policy = moved.over(paired.over(parts.policy));
  const core: GivenParts = {
    storage: parts.storage,
    changes: parts.changes,
    clock,
    randomness,
    policy: parts.policy,
    logger: parts.logger,
    events,
    correlation,
    redact,
    retry: parts.retry,
    retentionMs: parts.retentionMs,
    calendar: parts.calendar,
    timeZone: parts.timeZone,
    prices: parts.prices,
    perPromise: parts.perPromise,
    moved,
    paired,
    files: parts.files ?? (loadBuiltIns && lazyFiles(async () => (await ready()).files)),
  };
  const ownCoding = loadBuiltIns ? undefined : wholeCoding(parts.coding);
  const ready = once(async () => {
    const builtIns = await loadBuiltIns?.({
      groups,
      parts: { ...parts, events, policy },
      hidden: parts.hidden ?? [],
      coding: parts.coding,
    });
    const sources = [toolSource('yours', own), ...(builtIns?.toolSources ?? [])];
    const tools = makeToolCatalog(sources, makeMayCall(policy));
    const judgeCall = makeJudgeCall(policy);
    const guard = makeCallGuard({ stores: storage.stores, clock, redact, prices: parts.prices });
    return {
      calls: makeCallParts({ tools, clock, events, redact, content, judgeCall, guard }),
      runAgent: makeRunAgent({ models, tools, events, content, correlation, clock, redact, judgeCall, guard }),
      timed: { ...core, calendar: parts.calendar ?? builtIns?.calendar },
      coding: builtIns?.coding ?? ownCoding,
      files: builtIns?.files,
    };
  });
  const runAgent: RunAgent = async (agent, run) => (await ready()).runAgent(agent, run);

  const { bot } = makeBot({
    ...core,
    runAgent,
    agents,
    gateways: parts.gateways,
    summaryModel: models.cheapest(),
    turns: parts.turns,
    isOutstandingPing: parts.isOutstandingPing,
  });
  let worker: PromiseWorker | undefined;
  let started = false;
  const stopping = new AbortController();
  return {
    ...makeCommands(core),
    makeSchedule: async (request, origin) => makeCommands((await ready()).timed).makeSchedule(request, origin),
    receive: bot.receive,
    answering: bot.answering,
    on: events.on,
    async start(signal) {
      if (started) throw new Error('this Kept was started before; make a new one');
      started = true;
      const { timed, coding, calls } = await ready();
      await bot.start(signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal);
      ({ worker } = makeWorker({
        ...timed,
        runAgent,
        agents,
        workerId: randomness.id(),
        calls,
        executor: parts.executor,
        coding,
        settings: parts.work,
        turns: parts.turns,
      }));
      worker.start();
    },
    async stop(graceMs = 10_000) {
      stopping.abort(new Error('this Kept was stopped before it had started'));
      await Promise.all([bot.stop(graceMs), worker?.stop(graceMs)]);
      counted.flush();
    },
  };
};

/**
 * The agent with its tools. A built-in agent, or your agent with the same list of tools, may call all of your tools,
 * and those of its built-in tools that are loaded. Any other list stays as it is.
 */
const offering = (given: Agent | undefined, builtIn: Agent, own: readonly Tool[], groups: readonly ToolGroup[]): Agent => {
  const agent = given ?? builtIn;
  if (agent.tools !== builtIn.tools) return agent;
  const there = new Set<string>(groups.flatMap((group) => BUILT_IN_TOOLS[group]));
  return { ...agent, tools: [...agent.tools.filter((name) => there.has(name)), ...own.map(({ name }) => name)] };
};

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

type Files = NonNullable<GivenParts['files']>;

/** Files that are there only when they are read. */
const lazyFiles = (load: () => Promise<Files | undefined>): Files => {
  const loaded = async (): Promise<Files> => {
    const files = await load();
    if (!files) throw new PortError('not-found', 'the files of this Kept were not loaded', { retryable: false });
    return files;
  };
  return {
    read: async (root, path, options) => (await loaded()).read(root, path, options),
    readBytes: async (root, path, options) => (await loaded()).readBytes(root, path, options),
  };
};
