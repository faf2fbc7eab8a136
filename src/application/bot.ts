import { type TurnSettings, turnSettings } from '../domain/conversation/turn-settings.ts';
import type { IncomingMessage } from '../domain/message/message.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import { type AgentCatalog, makeAgentCatalog } from './agents/agent-catalog.ts';
import type { RunAgent } from './agents/run-agent.ts';
import { makeRunCommand } from './chat-commands/run-command.ts';
import { type MovedChats, makeMovedChats } from './chats/moved-chats.ts';
import { outdatedEvent } from './chats/outdated-words.ts';
import { makeCheckHealth, makeStatusLine } from './health/check-health.ts';
import { makeDeliverInbound } from './inbox/deliver-inbound.ts';
import { makeEraseMessages } from './inbox/erase-messages.ts';
import { makeFetchAttachments } from './inbox/fetch-attachments.ts';
import { makeFollowMove } from './inbox/follow-move.ts';
import { makeReceiveMessage, type ReceiveMessage } from './inbox/receive-message.ts';
import { makeRunningTurns } from './inbox/running-turns.ts';
import { untilAborted } from './loops/timers.ts';
import { makeOutboxDeliverer } from './outbox/deliver-outbox.ts';
import { makeSendLimiter } from './outbox/send-limiter.ts';
import { type GivenParts, type Optional, withDefaults } from './parts.ts';
import { makePresence } from './presence/presence.ts';
import { makeShowProgress } from './presence/show-progress.ts';
import { makeDraftPromise } from './promises/make-promise.ts';
import { makeAnswerChat } from './turns/answer-chat.ts';
import { makeChatAnswerer } from './turns/answer-chats.ts';

export interface BotParts extends GivenParts {
  readonly runAgent: RunAgent;
  readonly gateways: readonly ChatGateway[];
  /** Default: the built-in agents. */
  readonly agents?: AgentCatalog | undefined;
  readonly turns?: Optional<TurnSettings> | undefined;
  readonly isOutstandingPing?: ((message: IncomingMessage) => boolean) | undefined;
  /** Which chats go on under another id: the bot keeps it up to date. One of its own unless given. */
  readonly moved?: MovedChats | undefined;
  /** Names of the models that are asked: /status goes by no others. Absent: by all. */
  readonly models?: readonly string[] | undefined;
}

/** Everything that talks to people. */
export interface Bot {
  /**
   * Takes up what waits in storage, then what the gateways bring. Rejects, with everything ended, when a gateway can't
   * start, or `signal` aborts before all have.
   */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * Takes nothing new in, gives turns `graceMs`, or until `hurried` aborts, then aborts them: their messages wait for
   * the next start.
   */
  stop(graceMs: number, hurried?: AbortSignal): Promise<void>;
  /** In how many chats it answers now. */
  answering(): number;
  readonly receive: ReceiveMessage;
}

/** Chats that are answered, and sent to, side by side. */
const MAX_CHATS = 16;

export const makeBot = (given: BotParts): Bot => {
  const parts = withDefaults(given);
  const { storage, changes, clock, randomness, redact, retry, events, gateways, runAgent, agents = makeAgentCatalog() } = parts;
  const { stores, unitOfWork } = storage;
  const { moved = makeMovedChats(stores.chatMoves) } = parts;
  const policy = moved.over(parts.policy);
  const shared = { stores, unitOfWork, changes, clock, randomness, policy, redact };
  const timeZone = parts.timeZone === undefined ? {} : { timeZone: parts.timeZone };
  const limiter = makeSendLimiter({ clock, events, state: storage.state });
  const presence = makePresence({ clock, events, gateways, limiter, outbox: stores.outbox });
  const turns = makeRunningTurns();
  const followMove = makeFollowMove({ unitOfWork, clock, events, policy: parts.policy, moved, turns });
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
  const receive = makeReceiveMessage({
    ...shared,
    events,
    attachments,
    presence,
    turns,
    isOutstandingPing: parts.isOutstandingPing ?? (() => false),
  });
  const erase = makeEraseMessages({ unitOfWork, clock, events, turns, presence });
  const inbound = makeDeliverInbound({ receive, erase, followMove, clock, events });
  const bounded: RunAgent = (agent, run) =>
    untilAborted(runAgent(agent, run), run.context.signal, clock, () =>
      events.emit({ type: 'agent-ignored-abort', chatId: run.context.chatId }),
    );
  const statusLine = makeStatusLine({
    checkHealth: makeCheckHealth({ storage, clock, models: parts.models }),
    clock,
    startedAt: clock.now(),
  });
  const runCommand = makeRunCommand({ ...shared, ...timeZone, statusLine });
  const answerChat = makeAnswerChat({
    ...shared,
    ...timeZone,
    events,
    runAgent: bounded,
    agents,
    draftPromise: makeDraftPromise({ ...shared, promises: stores.promises, retry }),
    turns,
    moved,
    gateways,
    runCommand,
    presence,
    settings: turnSettings(parts.turns),
  });
  const answerer = makeChatAnswerer({ ...shared, events, messages: stores.messages, answerChat, moved, maxChats: MAX_CHATS });
  const deliverer = makeOutboxDeliverer({
    ...shared,
    events,
    outbox: stores.outbox,
    gateways,
    limiter,
    moved,
    maxChats: MAX_CHATS,
  });

  const progress = makeShowProgress({
    ...shared,
    events,
    promises: stores.promises,
    outbox: stores.outbox,
    gateways,
    state: storage.state,
    limiter,
  });

  const stop = async (graceMs: number, hurried?: AbortSignal): Promise<void> => {
    // At once, and all of them: a look at storage that does not answer must not keep this process signed in beside the
    // next leader.
    await Promise.all([inbound.stop(), attachments.stop(), ...gateways.map((gateway) => gateway.stop()), progress.stop()]);
    await answerer.stop(graceMs, hurried);
    await deliverer.stop();
  };

  return {
    async start(signal) {
      signal?.throwIfAborted();
      await moved.load();
      for (const outdated of moved.outdatedIn(parts.policy)) events.emit(outdatedEvent(outdated));
      signal?.throwIfAborted();
      deliverer.start();
      answerer.start();
      // A gateway that takes long to start is stopped meanwhile.
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
      progress.start();
    },
    stop,
    answering: answerer.running,
    receive,
  };
};
