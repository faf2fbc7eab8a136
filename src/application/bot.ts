/** Long because all parts of the bot are put together in one place. */
import type { ChatId } from '../domain/chat/ids.ts';
import type { HistoryRoom } from '../domain/conversation/history.ts';
import { type TurnSettings, turnSettings } from '../domain/conversation/turn-settings.ts';
import type { IncomingMessage } from '../domain/message/message.ts';
import { present } from '../domain/shared/present.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { DraftPromise } from '../ports/use-cases/make-promise.ts';
import { type AgentCatalog, makeAgentCatalog } from './agents/agent-catalog.ts';
import type { RunAgent } from './agents/run-agent.ts';
import type { OpenSpending } from './budgets/spending.ts';
import { makeRunCommand } from './chat-commands/run-command.ts';
import { makeMovedChats } from './chats/moved-chats.ts';
import { outdatedEvent } from './chats/outdated-words.ts';
import { makeCheckHealth, makeStatusLine } from './health/check-health.ts';
import type { ReceiveMessage } from './inbox/receive-message.ts';
import { makeRunningTurns } from './inbox/running-turns.ts';
import { untilAborted } from './loops/timers.ts';
import { makeInbox, type Shared } from './make-inbox.ts';
import { makeOutboxDeliverer } from './outbox/deliver-outbox.ts';
import { makeSendLimiter } from './outbox/send-limiter.ts';
import { makeFollowPaired, makePairedPeople } from './pairing/paired-people.ts';
import { type GivenParts, type Optional, withDefaults } from './parts.ts';
import { makeCards } from './presence/cards.ts';
import { makePresence } from './presence/presence.ts';
import { makeShowProgress } from './presence/show-progress.ts';
import { makeStatusBoard, type StatusBoard } from './presence/status-board.ts';
import { makeDraftPromise } from './promises/make-promise.ts';
import { type AnswerChat, makeAnswerChat } from './turns/answer-chat.ts';
import { makeChatAnswerer } from './turns/answer-chats.ts';
import { type ChatSummaries, makeChatSummaries } from './turns/sum-up-chats.ts';
import { openSpendingWith } from './with-spending.ts';

export interface BotParts extends GivenParts {
  readonly runAgent: RunAgent;
  readonly gateways: readonly ChatGateway[];
  /** Default: the built-in agents. */
  readonly agents?: AgentCatalog | undefined;
  readonly turns?: Optional<TurnSettings> | undefined;
  readonly isOutstandingPing?: ((message: IncomingMessage) => boolean) | undefined;
  /** Names of the models that /status reports. Default: all models. */
  readonly models?: readonly string[] | undefined;
  /** Sums up the beginnings of long conversations. Default: they are left out. */
  readonly summaryModel?: LanguageModel | undefined;
  /** What /status says. Default: a line about the stored state. */
  readonly statusLine?: (() => Promise<string>) | undefined;
  /** The chat in which /status keeps a pinned message up to date. Default: none. */
  readonly operatorChat?: ChatId | undefined;
  /** How many chats are answered, and sent to, at once. Default: 16. */
  readonly maxChats?: number | undefined;
}

/** Everything that talks to people. */
export interface Bot {
  /**
   * Answers what waits in the storage, then starts the gateways. Rejects, with everything stopped, if a gateway cannot
   * start, or if `signal` aborts before all have started.
   */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * Accepts no new messages. Running turns get `graceMs` to end, or less if `hurried` aborts; then they are aborted,
   * and their messages wait for the next start.
   */
  stop(graceMs: number, hurried?: AbortSignal): Promise<void>;
  /** The number of chats that are being answered. */
  answering(): number;
  readonly receive: ReceiveMessage;
}

const MAX_CHATS = 16;

/** The bot, and the parts that it is made of. */
export const makeBot = (given: BotParts) => {
  const parts = makeParts(withDefaults(given));
  const { answerer, deliverer, progress, cards, board, attachments, inbound, moved, paired, receive } = parts;
  const followPaired = makeFollowPaired({ paired, policy: parts.policy, changes: given.changes, clock: given.clock, events: parts.events });
  const { gateways, policy, events } = parts;

  const stop = async (graceMs: number, hurried?: AbortSignal): Promise<void> => {
    // All at once: a storage that does not answer must not keep this process signed in next to the next leader.
    await Promise.all([
      inbound.stop(),
      attachments.stop(),
      ...gateways.map((gateway) => gateway.stop()),
      progress.stop(),
      cards.stop(),
      board?.stop(),
      followPaired.stop(),
    ]);
    await answerer.stop(graceMs, hurried);
    await parts.summaries?.stop();
    await deliverer.stop();
  };

  const startGateways = async (signal: AbortSignal | undefined): Promise<void> => {
    // A slow start of a gateway must not delay the stop.
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (const gateway of gateways) {
        await Promise.race([gateway.start(inbound), aborted.promise]);
        signal?.throwIfAborted();
      }
      await Promise.race([attachments.start(), aborted.promise]);
    } catch (error) {
      await stop(0);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };

  const bot: Bot = {
    async start(signal) {
      signal?.throwIfAborted();
      await moved.load();
      await paired.refresh();
      for (const outdated of moved.outdatedIn(policy)) events.emit(outdatedEvent(outdated));
      signal?.throwIfAborted();
      deliverer.start();
      answerer.start();
      await startGateways(signal);
      progress.start();
      cards.start();
      board?.start();
      followPaired.start();
    },
    stop,
    answering: answerer.running,
    receive,
  };
  return { bot, parts };
};

type Given = ReturnType<typeof withDefaults<BotParts>>;

const makeParts = (given: Given) => {
  const { storage, changes, clock, randomness, redact, events, correlation, gateways, maxChats = MAX_CHATS } = given;
  const { stores, unitOfWork, state } = storage;
  const { moved = makeMovedChats(stores.chatMoves), paired = makePairedPeople(stores.pairings, given.policy) } = given;
  const policy = moved.over(paired.over(given.policy));
  const limiter = makeSendLimiter({ clock, events, state });
  const presence = makePresence({ clock, events, gateways, limiter, outbox: stores.outbox });
  const turns = makeRunningTurns();
  const inbox = makeInbox(given, { moved, paired, policy, presence, turns, onComplete: (chatId) => answerer.wake(chatId) });
  const draftPromise = makeDraftPromise({
    promises: stores.promises,
    clock,
    redact,
    retry: given.retry,
    policy,
    ...present({ timeZone: given.timeZone }),
  });
  const openSpending = openSpendingWith(given, policy);
  const summaries = makeSummaries(given, policy, openSpending);
  const statusLine =
    given.statusLine ??
    makeStatusLine({ checkHealth: makeCheckHealth({ storage, clock, models: given.models }), clock, startedAt: clock.now() });
  const board =
    given.operatorChat &&
    makeStatusBoard({
      chatId: given.operatorChat,
      statusLine,
      state: state('status-board'),
      outbox: stores.outbox,
      unitOfWork,
      gateways,
      limiter,
      changes,
      clock,
      randomness,
      events,
      timeZone: given.timeZone ?? 'UTC',
    });
  const answerChat = makeTurns(given, { moved, statusLine, board, policy, presence, turns, draftPromise, summaries, openSpending });
  const answerer = makeChatAnswerer({ messages: stores.messages, answerChat, changes, clock, events, moved, maxChats });
  const deliverer = makeOutboxDeliverer({
    outbox: stores.outbox,
    unitOfWork,
    gateways,
    limiter,
    moved,
    changes,
    clock,
    events,
    maxChats,
    work: { correlation, promises: stores.promises },
  });
  const progress = makeShowProgress({
    promises: stores.promises,
    outbox: stores.outbox,
    unitOfWork,
    gateways,
    state,
    limiter,
    changes,
    clock,
    randomness,
    events,
  });
  const cards = makeCards({ stores, unitOfWork, gateways, limiter, policy, changes, clock, randomness, events });
  return {
    ...inbox,
    policy: given.policy,
    events,
    gateways,
    moved,
    paired,
    limiter,
    presence,
    turns,
    draftPromise,
    answerChat,
    summaries,
    answerer,
    deliverer,
    progress,
    cards,
    board,
  };
};

const makeSummaries = (given: Given, policy: AccessPolicy, openSpending: OpenSpending): ChatSummaries | undefined => {
  const { storage, clock, randomness, redact, events, summaryModel } = given;
  const { stores, unitOfWork } = storage;
  return (
    summaryModel &&
    makeChatSummaries({
      stores,
      unitOfWork,
      model: summaryModel,
      policy,
      openSpending,
      settings: turnSettings(given.turns),
      clock,
      randomness,
      redact,
      events,
    })
  );
};

interface ForTurns extends Shared {
  readonly draftPromise: DraftPromise;
  readonly summaries: ChatSummaries | undefined;
  readonly openSpending: OpenSpending;
  readonly statusLine: () => Promise<string>;
  readonly board: StatusBoard | undefined;
}

/** The function that answers a chat. A chat whose history is nearly full is summed up behind its answer. */
const makeTurns = (given: Given, shared: ForTurns): AnswerChat => {
  const { moved, policy, presence, turns, draftPromise, summaries, openSpending, statusLine, board } = shared;
  const { storage, clock, randomness, redact, events, correlation, gateways, agents = makeAgentCatalog() } = given;
  const { stores, unitOfWork } = storage;
  const timeZone = present({ timeZone: given.timeZone });
  const bounded: RunAgent = (agent, run) =>
    untilAborted(given.runAgent(agent, run), run.context.signal, clock, () =>
      events.emit({ type: 'agent-ignored-abort', chatId: run.context.chatId }),
    );
  const full = new Map<ChatId, HistoryRoom>();
  const answerChat = makeAnswerChat({
    stores,
    unitOfWork,
    policy,
    clock,
    randomness,
    redact,
    correlation,
    events,
    runAgent: bounded,
    agents,
    draftPromise,
    openSpending,
    turns,
    moved,
    gateways,
    presence,
    runCommand: makeRunCommand({ stores, policy, clock, randomness, statusLine, board, ...timeZone }),
    settings: turnSettings(given.turns),
    files: given.files,
    onFullHistory: (chatId, room) => void full.set(chatId, room),
    ...timeZone,
  });
  return async (home, signal) => {
    const isAnswered = await answerChat(home, signal);
    const room = full.get(home);
    full.delete(home);
    if (room) summaries?.look(home, room);
    return isAnswered;
  };
};
